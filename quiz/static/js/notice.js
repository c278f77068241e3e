/* The notice: counts down to the opening or to the end, and says when this phone cannot keep answers. */
(function () {
  'use strict';
  var M = window.Mingshi;
  var begin = document.querySelector('[data-opens-in]');
  var goOn = document.querySelector('[data-left]');
  var count = null;

  try {
    localStorage.setItem('mingshi:probe', '1');
    localStorage.removeItem('mingshi:probe');
  } catch (error) {
    document.getElementById('no-store').hidden = false;
  }

  function words(seconds) {
    if (seconds > 3600) return begin.dataset.words;
    if (seconds > 60) return begin.dataset.words.split('，')[0] + '，还有 ' + Math.ceil(seconds / 60) + ' 分钟';
    return '还有 ' + Math.ceil(seconds) + ' 秒' + (begin.dataset.words.indexOf('开放') < 0 ? '开考' : '开放');
  }

  function tickOpening() {
    var seconds = count.now();
    if (seconds > 0) { begin.textContent = words(seconds); return; }
    clearInterval(timer);
    begin.disabled = false;
    begin.textContent = begin.dataset.label;
  }

  function tickEnd() {
    var seconds = count.now();
    goOn.querySelector('[data-clock]').textContent = M.clockText(seconds);
    if (seconds <= 0) { clearInterval(timer); location.reload(); }
  }

  /* A phone that slept has stopped counting. */
  function wake() {
    if (document.hidden || !begin || !begin.disabled) return;
    var sent = performance.now();
    fetch('/api/v1/exams/' + begin.dataset.code).then(function (reply) { return reply.json(); })
      .then(function (exam) { count.hear(exam.opens_in, sent, performance.now()); tickOpening(); })
      .catch(function () { /* the count goes on as it was */ });
  }

  // The promise may lie below the fold: bring it up instead of asking the server.
  var form = document.getElementById('start');
  if (form) {
    form.addEventListener('submit', function (event) {
      var promise = document.getElementById('promise');
      document.getElementById('promise-error').hidden = promise.checked;
      if (promise.checked) return;
      event.preventDefault();
      event.stopPropagation();
      promise.setAttribute('aria-invalid', 'true');
      form.scrollIntoView({ block: 'center' });
      promise.focus({ preventScroll: true });
    });
  }

  var timer;
  if (begin) {
    begin.dataset.words = begin.textContent;
    count = new M.Countdown(Number(begin.dataset.opensIn), M.written());
    timer = setInterval(tickOpening, 500);
    tickOpening();
    document.addEventListener('visibilitychange', wake);
  } else if (goOn) {
    count = new M.Countdown(Number(goOn.dataset.left), M.written());
    timer = setInterval(tickEnd, 500);
    tickEnd();
  }
})();
