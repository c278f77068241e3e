/* Every page on the phone: 大字版 and busy buttons. */
(function () {
  'use strict';
  var root = document.documentElement;

  function show() {
    document.querySelectorAll('[data-elder]').forEach(function (button) {
      button.setAttribute('aria-pressed', String(root.classList.contains('elder')));
    });
  }

  document.addEventListener('click', function (event) {
    if (!event.target.closest('[data-elder]')) return;
    var on = root.classList.toggle('elder');
    try { localStorage.elder = on ? '1' : ''; } catch (error) { /* then it lasts as long as the page */ }
    show();
  });

  function idle(form) {
    var button = form.querySelector('.btn') || document.querySelector('[form="' + form.id + '"]');
    button.removeAttribute('aria-busy');
    if (form.wording) button.textContent = form.wording;
    form.wording = '';
  }

  // The second tap of an impatient thumb sends nothing.
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (!form.dataset.busy) return;
    if (form.wording) { event.preventDefault(); return; }
    var button = form.querySelector('.btn') || document.querySelector('[form="' + form.id + '"]');
    button.style.width = button.offsetWidth + 'px';
    button.setAttribute('aria-busy', 'true');
    form.wording = button.textContent;
    button.textContent = form.dataset.busy;
  });
  window.addEventListener('pageshow', function () {
    document.querySelectorAll('form[data-busy]').forEach(function (form) { if (form.wording) idle(form); });
  });

  // A long row of numbers starts where the person is.
  var here = document.querySelector('.tb .on');
  if (here) here.parentNode.scrollLeft = here.offsetLeft - here.parentNode.offsetLeft - here.parentNode.clientWidth / 2 + 24;
  show();
})();
