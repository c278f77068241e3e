/* A proctor's room: the present code when the shown one has run out, and who is here, every few seconds. */
(function () {
  'use strict';
  var EVERY = 5000;
  var by = function (id) { return document.getElementById(id); };
  var room = by('room'), data = room.dataset, end = 0, asking = false;

  function get(address) {
    return fetch(address, { credentials: 'same-origin', cache: 'no-store' }).then(function (reply) {
      // Signed out, or the room was given to somebody else: that belongs in the window.
      if (reply.redirected || reply.status === 404) { location.reload(); throw new Error('gone'); }
      if (!reply.ok) throw new Error(String(reply.status));
      by('trouble').hidden = true;
      return reply;
    });
  }

  function failed() { by('trouble').hidden = false; }

  function refresh() {
    if (document.hidden) { setTimeout(refresh, EVERY); return; }
    get(data.part).then(function (reply) { return reply.text(); })
      .then(function (text) {
        var focused = document.activeElement && by('list').contains(document.activeElement) && document.activeElement.getAttribute('href');
        by('list').innerHTML = text;
        if (focused) { var again = by('list').querySelector('[href="' + focused + '"]'); if (again) again.focus({ preventScroll: true }); }
      })
      .catch(failed)
      .then(function () { setTimeout(refresh, EVERY); });
  }

  function ask() {
    if (asking) return;
    asking = true;
    get(data.address).then(function (reply) { return reply.json(); })
      .then(function (found) {
        by('code').textContent = found.code.slice(0, 3) + ' ' + found.code.slice(3);
        end = performance.now() + 1000 * found.seconds;
      })
      .catch(function () { failed(); end = performance.now() + 3000; })
      .then(function () { asking = false; });
  }

  if (data.address) {
    end = performance.now() + 1000 * Number(data.seconds);
    setInterval(function () {
      var left = Math.ceil((end - performance.now()) / 1000);
      by('left').textContent = Math.max(0, left);
      if (left <= 0) ask();
    }, 250);
  }
  document.addEventListener('visibilitychange', function () { if (!document.hidden && data.address) ask(); });
  setTimeout(refresh, EVERY);
})();
