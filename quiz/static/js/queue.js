/* Answers on their way to the server: kept on the phone first, sent one per position, newest wins.
   Nothing leaves the phone's store before the server has said that it is durable. */
(function () {
  'use strict';
  var M = window.Mingshi = window.Mingshi || {};
  var WAITS = [2, 5, 10, 15];
  var PATIENCE = 2500;
  var LIMIT = 12000;
  var ABREAST = 4;
  /* A choice made by hand this recently is what the person means, whatever another phone said. */
  var FRESH = 15000;

  /* One entry per position, so that two tabs of one sitting do not overwrite each other's. */
  M.Store = class {
    constructor(sitting) {
      this.prefix = 'mingshi:' + sitting + ':';
      this.memory = {};
      this.durable = true;
    }

    read(name) {
      try {
        var text = localStorage.getItem(this.prefix + name);
        if (text !== null) return JSON.parse(text);
      } catch (error) { this.durable = false; }
      return name in this.memory ? this.memory[name] : null;
    }

    write(name, value) {
      this.memory[name] = value;
      try { localStorage.setItem(this.prefix + name, JSON.stringify(value)); } catch (error) { this.durable = false; }
    }

    remove(name) {
      delete this.memory[name];
      try { localStorage.removeItem(this.prefix + name); } catch (error) { this.durable = false; }
    }

    names() {
      var found = Object.keys(this.memory);
      try {
        for (var key of Object.keys(localStorage)) {
          if (key.indexOf(this.prefix) === 0) found.push(key.slice(this.prefix.length));
        }
      } catch (error) { this.durable = false; }
      return found.filter(function (name, place) { return found.indexOf(name) === place; });
    }

    clear() { for (var name of this.names()) this.remove(name); }
  };

  /* What this phone has and the server has not acknowledged. */
  M.kept = function (store) {
    return store.names().filter(function (name) { return /^\d+$/.test(name); }).map(function (name) {
      var entry = store.read(name);
      return { position: Number(name), answer: entry.answer, revision: entry.revision, left: entry.left === undefined ? null : entry.left };
    });
  };

  /* Tell the server what came too late to be saved: how many it took down, or null to try again later. */
  M.late = function (queue, store) {
    var answers = M.kept(store);
    if (!answers.length) return Promise.resolve(0);
    return queue.call('POST', '/late', { answers: answers.slice(0, 200) }).then(function (reply) {
      // What cannot be read now will not be readable later.
      if (reply.status === 400) return 0;
      return reply.status === 200 ? reply.body.recorded : null;
    });
  };

  function plain(answer) {
    var texts = answer.map(function (text) { return text.trim(); });
    return texts.some(Boolean) ? texts.join('\u0000') : '';
  }

  M.sameAnswer = function (one, other) { return plain(one) === plain(other); };

  /* page: told of changed(), heard(left, sent, received), restored(n), elsewhere(position, mine), taken(),
     closed(); asked for left(): seconds. */
  M.Queue = class {
    constructor(address, csrf, store, page) {
      this.address = address;
      this.csrf = csrf;
      this.store = store;
      this.page = page;
      this.known = {};           /* position → {answer, revision}: the newest here, sent or not */
      this.unsent = new Map();   /* position → {answer, revision, at} */
      this.flying = new Map();   /* position → revision under way */
      this.held = new Set();     /* positions that had to wait for the network */
      this.trouble = '';         /* '', offline, busy, identity or refused */
      this.failures = 0;
      this.timer = null;
      this.stopped = false;
      this.moved = false;        /* the sitting goes on elsewhere: what is here is still sent, nothing insists */
    }

    /* What the server has and what this phone still has: the newer revision of each position. */
    begin(responses) {
      for (var name of this.store.names()) {
        var entry = /^\d+$/.test(name) && this.store.read(name);
        if (!entry) continue;
        this.unsent.set(Number(name), { answer: entry.answer, revision: entry.revision, left: entry.left, at: -Infinity });
        this.known[name] = entry;
      }
      this.merge(responses);
      if (this.unsent.size) this.pump();
    }

    /* Take over what is newer on the server; returns the positions whose answer changed. */
    merge(responses) {
      var changed = [];
      for (var name of Object.keys(responses)) {
        var position = Number(name), stored = responses[name], mine = this.known[position];
        if (mine && mine.revision > stored.revision) continue;
        if (!mine || !M.sameAnswer(mine.answer, stored.answer)) {
          this.known[position] = stored;
          changed.push(position);
        } else mine.revision = stored.revision;
        this.drop(position);
      }
      return changed;
    }

    drop(position) {
      this.unsent.delete(position);
      this.store.remove(String(position));
    }

    answer(position) { return this.known[position] ? this.known[position].answer : []; }

    change(position, answer) {
      var revision = (this.known[position] ? this.known[position].revision : 0) + 1;
      var entry = { answer: answer, revision: revision, left: Math.round(this.page.left() * 10) / 10 };
      this.known[position] = entry;
      this.unsent.set(position, { answer: answer, revision: revision, left: entry.left, at: performance.now() });
      this.store.write(String(position), entry);
      if (this.trouble === 'refused') this.trouble = '';
      if (this.trouble) this.held.add(position);
      if (this.trouble !== 'busy') this.pump();
      this.page.changed();
    }

    /* Try everything now. */
    retry() {
      clearTimeout(this.timer);
      this.timer = null;
      for (var entry of this.unsent.values()) entry.refused = false;
      this.pump();
    }

    pump() {
      for (var position of this.unsent.keys()) {
        if (this.stopped || this.flying.size >= ABREAST) return;
        if (!this.flying.has(position) && !this.unsent.get(position).refused) this.send(position);
      }
    }

    send(position) {
      var entry = this.unsent.get(position), queue = this;
      this.flying.set(position, entry.revision);
      var slow = setTimeout(function () { queue.worry('offline'); }, PATIENCE);
      var told = { answer: entry.answer, revision: entry.revision };
      if ((this.held.has(position) || entry.at === -Infinity) && entry.left !== undefined) told.left = entry.left;
      this.call('PUT', '/responses/' + position, told)
        .then(function (reply) {
          clearTimeout(slow);
          queue.flying.delete(position);
          queue.receive(position, entry, reply);
          queue.page.changed();
        });
    }

    receive(position, entry, reply) {
      var code = reply.body && reply.body.error ? reply.body.error.code : '';
      if (reply.status === 200) {
        this.page.heard(reply.body.seconds_left, reply.sent, reply.received);
        if (reply.body.elsewhere) this.page.taken();
        this.calm();
        if (!reply.body.kept) { this.compare(position); return; }
        var newest = this.unsent.get(position);
        if (newest && newest.revision === entry.revision) this.drop(position);
        this.pump();
        this.finish();
      } else if (code === 'sitting-closed' || code === 'time-over') {
        this.page.closed();
      } else if (code === 'revision-taken') {
        this.compare(position);
      } else if ([401, 403, 404].indexOf(reply.status) >= 0 || code === 'csrf') {
        this.worry('identity');
      } else if (reply.status === 0 || reply.status === 408 || reply.status === 429 || reply.status >= 500) {
        this.later(reply);
      } else {
        entry.refused = true;
        this.worry('refused');
      }
    }

    /* Somebody was here before: another phone, or another tab. Look at what is stored now. */
    compare(position) {
      var queue = this;
      this.flying.set(position, 0);
      this.call('GET', '', null).then(function (reply) {
        queue.flying.delete(position);
        if (reply.status !== 200) { queue.later(reply); return; }
        if (reply.body.state !== 'open') { queue.page.closed(); return; }
        queue.page.heard(reply.body.seconds_left, reply.sent, reply.received);
        var mine = queue.unsent.get(position), stored = reply.body.responses[position] || { answer: [], revision: 0 };
        var fresh = mine && !queue.moved && performance.now() - mine.at < FRESH && !M.sameAnswer(mine.answer, stored.answer);
        if (mine) queue.known[position] = stored;
        queue.drop(position);
        queue.merge(reply.body.responses);
        if (fresh) queue.change(position, mine.answer);
        if (mine && !M.sameAnswer(mine.answer, stored.answer)) queue.page.elsewhere(position, fresh);
        queue.pump();
        queue.finish();
        queue.page.changed();
      });
    }

    calm() {
      this.failures = 0;
      if (this.trouble !== 'refused') this.trouble = '';
    }

    finish() {
      if (this.unsent.size) return;
      this.trouble = '';
      if (this.held.size) this.page.restored(this.held.size);
      this.held.clear();
    }

    worry(trouble) {
      this.trouble = trouble;
      for (var position of this.unsent.keys()) this.held.add(position);
      this.page.changed();
    }

    later(reply) {
      this.worry(reply.status === 0 ? 'offline' : 'busy');
      if (this.timer || this.stopped) return;
      var wait = reply.retryAfter || WAITS[Math.min(this.failures, WAITS.length - 1)];
      this.failures += 1;
      var queue = this;
      // Not all phones of a hall at the same moment.
      this.timer = setTimeout(function () { queue.timer = null; queue.pump(); }, wait * (850 + 300 * Math.random()));
    }

    call(method, path, body) {
      var ask = { headers: { 'X-CSRF-Token': this.csrf }, credentials: 'same-origin' };
      if (body) {
        ask.headers['Content-Type'] = 'application/json';
        ask.body = JSON.stringify(body);
        ask.keepalive = ask.body.length < 8000;
      }
      return M.call(method, this.address + path, ask);
    }
  };

  /* {status, body, sent, received}; status 0 when nothing came back. Never rejects. */
  M.call = function (method, address, ask) {
    var control = new AbortController(), sent = performance.now();
    var limit = setTimeout(function () { control.abort(); }, LIMIT);
    var status = 0, wait = 0;
    return fetch(address, Object.assign({ method: method, signal: control.signal, cache: 'no-store' }, ask))
      .then(function (reply) {
        status = reply.status;
        wait = Number(reply.headers.get('Retry-After')) || 0;
        return reply.json();
      })
      .catch(function () { status = status === 200 ? 0 : status; return null; })
      .then(function (found) {
        clearTimeout(limit);
        return { status: status, body: found, retryAfter: wait, sent: sent, received: performance.now() };
      });
  };
})();
