/* The result page: what this phone could not send in time is taken down first, then forgotten here. */
(function () {
  'use strict';
  var M = window.Mingshi, over = document.querySelector('[data-forget]');
  var store = new M.Store(over.dataset.forget);
  var queue = new M.Queue(over.dataset.api, over.dataset.csrf, store, {});

  M.late(queue, store).then(function (recorded) {
    if (recorded === null) return;
    store.clear();
    if (recorded) location.reload();
  });
})();
