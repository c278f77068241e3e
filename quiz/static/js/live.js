/* The organiser's live page: fresh figures every 5 s without moving the page, and two things to copy. */
(function () {
  'use strict';
  var EVERY = 5000, OLD = 12000;
  var live = document.getElementById('live'), chip = document.getElementById('state');
  var heardAt = Date.now(), endsAt = null, words = '';

  function two(number) { return (number < 10 ? '0' : '') + number; }

  function readState() {
    var data = document.getElementById('chip').dataset;
    words = data.words;
    endsAt = data.left === '' ? null : Date.now() + data.left * 1000;
    chip.className = 'chip' + (data.tone ? ' chip-' + data.tone : '');
  }

  function left() {
    var seconds = Math.max(0, Math.round((endsAt - Date.now()) / 1000));
    var days = Math.floor(seconds / 86400), hours = Math.floor(seconds / 3600);
    if (days) { return days + ' 天 ' + (hours - 24 * days) + ' 小时'; }
    return hours + ':' + two(Math.floor(seconds / 60) % 60) + ':' + two(seconds % 60);
  }

  function tick() {
    chip.textContent = endsAt === null ? words : words + '，剩余 ' + left();
    var age = Math.round((Date.now() - heardAt) / 1000), shown = document.getElementById('age');
    shown.textContent = age < 2 ? '刚刚更新' : age + ' 秒前更新';
    shown.classList.toggle('off', Date.now() - heardAt > OLD);
  }

  function refresh() {
    fetch(live.dataset.part + location.search, { credentials: 'same-origin', cache: 'no-store' })
      .then(function (response) {
        // Signed out meanwhile: the answer is the sign-in page, which belongs in the window, not in the part.
        if (response.redirected) { location.reload(); throw new Error('signed out'); }
        if (!response.ok) { throw new Error(response.status); }
        return response.text();
      })
      .then(function (text) {
        var selected = window.getSelection && String(window.getSelection());
        heardAt = Date.now();
        if (selected) { return; }
        live.innerHTML = text;
        var part = document.getElementById('absent-part');
        document.getElementById('absent').innerHTML = part.innerHTML;
        part.parentNode.removeChild(part);
        readState();
        tick();
      })
      .catch(function () {})
      .then(function () { setTimeout(refresh, EVERY); });
  }

  function say(button, text) {
    var place = button.querySelector('span') || button, before = place.textContent;
    place.textContent = text;
    setTimeout(function () { place.textContent = before; }, 2500);
  }

  function copy(text) {
    if (navigator.clipboard && window.isSecureContext) { return navigator.clipboard.writeText(text); }
    var area = document.createElement('textarea');
    area.value = text;
    area.className = 'vh';
    document.body.appendChild(area);
    area.select();
    var done = document.execCommand('copy');
    document.body.removeChild(area);
    return done ? Promise.resolve() : Promise.reject(new Error('copy'));
  }

  document.querySelectorAll('[data-copy]').forEach(function (button) {
    button.addEventListener('click', function () {
      copy(button.dataset.copy).then(function () { say(button, '已复制'); },
        function () { window.prompt('请按 Ctrl C 复制', button.dataset.copy); });
    });
  });

  document.getElementById('urge').addEventListener('click', function (event) {
    var button = event.currentTarget;
    fetch(live.dataset.absent, { credentials: 'same-origin', cache: 'no-store' })
      .then(function (response) { if (!response.ok) { throw new Error(response.status); } return response.text(); })
      .then(copy)
      .then(function () { say(button, '名单已复制'); }, function () { location.href = live.dataset.absent; });
  });

  /* One form or menu is open at a time; a click elsewhere or Esc closes it. */
  function close(but) {
    document.querySelectorAll('.ac details[open]').forEach(function (one) { if (one !== but) { one.open = false; } });
  }

  document.addEventListener('click', function (event) {
    close(event.target.closest ? event.target.closest('.ac details') : null);
  });
  document.addEventListener('keydown', function (event) {
    if (event.key !== 'Escape') { return; }
    var open = document.querySelector('.ac details[open] summary');
    close(null);
    if (open) { open.focus(); }
  });

  readState();
  tick();
  setInterval(tick, 1000);
  setTimeout(refresh, EVERY);
})();
