/* Seconds left as the server counts them. The phone's own date is never asked, only differences. */
(function () {
  'use strict';
  var Mingshi = window.Mingshi = window.Mingshi || {};

  Mingshi.Countdown = class {
    /* left: seconds the server said; at: performance.now() when it said so. */
    constructor(left, at) { this.left = left; this.at = at; this.stands = false; }

    now() { return Math.max(0, this.stands ? this.left : this.left - (performance.now() - this.at) / 1000); }

    /* Everybody's time stands still, or goes on. */
    stand(on) {
      if (on === this.stands) return;
      this.left = this.now();
      this.at = performance.now();
      this.stands = on;
    }

    /* The server said `left` somewhere between sent and received. Believe the old count as long as it
       is possible: a slow answer must not make the clock jump. */
    hear(left, sent, received) {
      if (this.stands) { this.left = left; return; }
      var half = (received - sent) / 2000;
      var heard = left - half;
      if (Math.abs(heard - this.now()) > half + 0.2) { this.left = heard; this.at = received; }
    }
  };

  /* When the server wrote this page, on the scale of performance.now(). */
  Mingshi.written = function () {
    var entry = performance.getEntriesByType && performance.getEntriesByType('navigation')[0];
    return entry ? entry.responseStart : 0;
  };

  Mingshi.clockText = function (seconds) {
    var whole = Math.ceil(seconds - 0.05);
    var text = function (n) { return (n < 10 ? '0' : '') + n; };
    return text(Math.floor(whole / 60)) + ':' + text(whole % 60);
  };
})();
