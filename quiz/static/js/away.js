/* How often and how long this page was left, told to the server and to the person. Differences only:
   the phone's date is asked solely across two loadings of the page, and then for a difference too. */
(function () {
  'use strict';
  var M = window.Mingshi;
  var LEAST = 5;    /* seconds that count; noting.LEAST_ABSENCE */
  var AGAIN = 5000; /* ms between two attempts */

  function seconds(since) { return Math.round((performance.now() - since) / 100) / 10; }

  M.Away = class {
    /* counted: [times, seconds] so far, null where nothing is noted; told(times, seconds, now) */
    constructor(store, queue, counted, told) {
      this.store = store;
      this.queue = queue;
      this.told = told;
      this.watched = Boolean(counted);
      this.tried = -Infinity;
      this.open = null;
      this.page = Math.random().toString(36).slice(2, 10);
      this.number = 0;
      this.list = (store.read('away') || []).map(function (entry) {
        // It ended with that page, or with this one's opening: nobody can say more exactly.
        if (entry.seconds === null) entry.seconds = Math.max(0, Math.round((Date.now() - entry.wall) / 1000));
        entry.from = -Infinity;
        return entry;
      });
      if (counted && counted[0]) told(counted[0], counted[1], 0);
    }

    /* kind: left, blurred or opened */
    add(kind) {
      this.number += 1;
      var entry = { mark: this.page + 'n' + this.number, kind: kind, seconds: null, wall: Date.now(), from: performance.now() };
      this.list.push(entry);
      return entry;
    }

    leave(kind) {
      if (!this.watched) return;
      if (this.open) { if (kind === 'left') this.open.kind = kind; } else this.open = this.add(kind);
      // Perhaps nobody comes back to this page.
      if (this.open.kind === 'left') this.send(true);
      this.keep();
    }

    back() {
      var entry = this.open;
      if (!entry) return;
      this.open = null;
      entry.seconds = seconds(entry.from);
      if (entry.kind === 'blurred' && entry.seconds < LEAST) this.list = this.list.filter(function (one) { return one !== entry; });
      this.keep();
      this.send(true, entry.seconds >= LEAST ? entry.seconds : 0);
    }

    opened() {
      this.add('opened').seconds = 0;
      this.send(true);
    }

    keep() { this.store.write('away', this.list); }

    /* What has not been acknowledged, with whatever else is being sent. */
    send(now, just) {
      var away = this, due = this.list.slice(0, 50);
      if (!due.length || !now && (performance.now() - this.tried < AGAIN || due.every(function (entry) { return entry.seconds === null; }))) return;
      this.tried = performance.now();
      var told = due.map(function (entry) {
        var ago = entry.from === -Infinity ? Math.max(0, (Date.now() - entry.wall) / 1000) : seconds(entry.from);
        return { mark: entry.mark, kind: entry.kind, ago: ago, seconds: entry.seconds };
      });
      var done = due.filter(function (entry) { return entry.seconds !== null; });
      this.queue.call('POST', '/events', { events: told }).then(function (reply) {
        if (reply.status !== 200 && reply.status !== 400) return;
        away.list = away.list.filter(function (entry) { return done.indexOf(entry) < 0; });
        away.keep();
        if (reply.status === 200 && away.watched && reply.body.away.times) away.told(reply.body.away.times, reply.body.away.seconds, just || 0);
      });
    }
  };
})();
