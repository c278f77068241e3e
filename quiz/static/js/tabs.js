/* Two pages of one sitting on one phone: the newer asks whether another is there, and only one goes on.
   They hear each other through the phone's store. Another phone is the server's to know. */
(function () {
  'use strict';
  var M = window.Mingshi;
  var PATIENCE = 500;

  M.Tabs = class {
    /* page: told of met() when another page answers, lost() when another goes on. */
    constructor(store, page) {
      var tabs = this;
      this.store = store;
      this.id = String(Math.random()).slice(2);
      this.mine = false;
      window.addEventListener('storage', function (event) { tabs.hear(event, page); });
      document.addEventListener('visibilitychange', function () { if (!document.hidden) tabs.check(page); });
      window.addEventListener('pageshow', function (event) { if (event.persisted) tabs.check(page); });
      store.write('knock', this.id);
      this.waiting = setTimeout(function () { tabs.claim(); }, PATIENCE);
    }

    hear(event, page) {
      if (event.key === this.store.prefix + 'knock' && event.newValue && this.mine) this.store.write('here', JSON.parse(event.newValue));
      if (event.key === this.store.prefix + 'here' && event.newValue === JSON.stringify(this.id) && this.waiting) {
        this.stop();
        page.met();
      }
      if (event.key === this.store.prefix + 'tab' && event.newValue) this.check(page);
    }

    stop() {
      clearTimeout(this.waiting);
      this.waiting = null;
    }

    /* Go on here. */
    claim() {
      this.stop();
      this.mine = true;
      this.store.write('tab', this.id);
    }

    /* A page that slept did not hear. */
    check(page) {
      var holder = this.store.read('tab');
      if (!this.mine || !holder || holder === this.id) return;
      this.mine = false;
      page.lost();
    }
  };
})();
