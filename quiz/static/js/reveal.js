/* The presenter's keys: space or → for the next place, ← for one back. Each presses its button once. */
(function () {
  'use strict';
  var pressed = false;
  document.addEventListener('keydown', function (event) {
    var id = { ' ': 'next', ArrowRight: 'next', PageDown: 'next', ArrowLeft: 'back', PageUp: 'back' }[event.key];
    var button = id && document.getElementById(id);
    if (/^(INPUT|SELECT|TEXTAREA|BUTTON|A)$/.test(event.target.tagName) && event.key === ' ') { return; }
    if (!button || pressed || event.repeat) { return; }
    event.preventDefault();
    pressed = true;
    button.click();
  });
})();
