/* The proctor's screen: asks for the present code when the shown one has run out, and says when it cannot. */
(function () {
  'use strict';
  var room = document.getElementById('room');
  var end = performance.now() + 1000 * Number(room.dataset.seconds), asking = false;
  var by = function (id) { return document.getElementById(id); };

  function ask() {
    if (asking) return;
    asking = true;
    fetch(room.dataset.address, { credentials: 'same-origin' })
      .then(function (reply) { if (!reply.ok) throw new Error(String(reply.status)); return reply.json(); })
      .then(function (found) {
        by('code').textContent = found.code.slice(0, 3) + ' ' + found.code.slice(3);
        end = performance.now() + 1000 * found.seconds;
        by('trouble').hidden = true;
      })
      .catch(function () { by('trouble').hidden = false; end = performance.now() + 3000; })
      .then(function () { asking = false; });
  }

  setInterval(function () {
    var left = Math.ceil((end - performance.now()) / 1000);
    by('left').textContent = Math.max(0, left);
    if (left <= 0) ask();
  }, 250);
  document.addEventListener('visibilitychange', function () { if (!document.hidden) ask(); });
})();
