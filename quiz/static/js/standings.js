/* The board on the wall: asks every 2 s, re-sorts at most every 5 s, turns the page every 12 s,
   keeps showing what it has when the network is away and says how old that is. */
(function () {
  'use strict';
  var POLL = 2000, RESORT = 5000, PAGE = 12000, HOT = 3000, OLD = 8000, WAIT = 6000, COLUMN = 8;
  var MOVES_STAY = 15000;
  var board = document.getElementById('board');
  var lists = [document.getElementById('first'), document.getElementById('second')];
  var still = location.hash === '#still' ||
    !!(window.matchMedia && matchMedia('(prefers-reduced-motion:reduce)').matches);
  var zone = +board.dataset.zone * 60000, ahead = +board.dataset.now - Date.now();
  var etag = '', latest = null, shown = [], moves = {}, risers = {}, page = 0;
  var heardAt = Date.now(), sortedAt = 0, movedAt = 0, turnedAt = Date.now(), waiting = null;

  function put(id, text) {
    var element = document.getElementById(id);
    if (element.textContent !== text) { element.textContent = text; }
  }

  function make(tag, name, text) {
    var element = document.createElement(tag);
    element.className = name;
    if (text !== undefined) { element.textContent = text; }
    return element;
  }

  function perPage() { return getComputedStyle(lists[1]).display === 'none' ? COLUMN : 2 * COLUMN; }

  /* Only who has taken part; the address asks for no more than rules.WALL_ROWS, never down to the last. */
  function ranked(rows) {
    return rows.filter(function (row) { return row.rank !== null && row.took_part > 0; });
  }

  function row(entry) {
    var li = make('li', entry.rank <= 3 ? 't t' + entry.rank : '');
    li.dataset.unit = entry.unit;
    var rank = make('span', 'rk');
    rank.appendChild(make('span', '', String(entry.rank)));
    var share = make('span', 'pc', '参与率 ');
    share.appendChild(make('b', '', entry.rate_shown));
    var moved = moves[entry.unit] || 0;
    var sign = moved > 0 ? '▲' + moved : moved < 0 ? '▼' + (-moved) : '—';
    var move = make('span', 'mv' + (moved > 0 ? ' up' : moved < 0 ? ' dn' : ''), sign);
    var score = make('span', 'sc' + (entry.score_shown.length > 5 ? ' long' : ''), entry.score_shown);
    [rank, make('span', 'nm', entry.unit), share, move, score].forEach(function (cell) { li.appendChild(cell); });
    if (risers[entry.unit] > Date.now()) { li.classList.add('hot'); }
    return li;
  }

  /* The largest size at which the whole name fits, in two lines if one is not enough. */
  function fit(li) {
    var name = li.querySelector('.nm'), tries = [[62], [54], [48], [44], [42, 2], [38, 2], [34, 2], [30, 2]];
    for (var i = 0; i < tries.length; i++) {
      name.style.fontSize = 'calc(' + tries[i][0] + '*var(--u))';
      name.classList.toggle('two', tries[i].length > 1);
      if (name.scrollWidth <= name.clientWidth && name.offsetHeight <= li.clientHeight) { return; }
    }
  }

  function places() {
    var found = {};
    document.querySelectorAll('.lb li').forEach(function (li) {
      var box = li.getBoundingClientRect();
      found[li.dataset.unit] = [box.left, box.top];
    });
    return found;
  }

  function slide(before) {
    document.querySelectorAll('.lb li').forEach(function (li) {
      var from = before[li.dataset.unit], box = li.getBoundingClientRect();
      if (!from || (from[0] === box.left && from[1] === box.top)) { return; }
      li.style.transform = 'translate(' + (from[0] - box.left) + 'px,' + (from[1] - box.top) + 'px)';
      li.getBoundingClientRect();
      li.classList.add('mvg');
      li.style.transform = '';
    });
  }

  function draw() {
    var size = perPage(), pages = Math.max(1, Math.ceil(shown.length / size)), before = places();
    page = page % pages;
    var rows = shown.slice(page * size, (page + 1) * size);
    lists.forEach(function (list, number) {
      list.textContent = '';
      rows.slice(number * COLUMN, (number + 1) * COLUMN).forEach(function (entry) {
        fit(list.appendChild(row(entry)));
      });
    });
    if (!still) { slide(before); }
    var empty = latest !== null && shown.length === 0;
    board.classList.toggle('empty', empty);
    document.getElementById('none').hidden = !empty;
    put('page', pages > 1 ? '第 ' + (page * size + 1) + ' 至 ' + (page * size + rows.length) + ' 家' : '');
  }

  /* New order against the order on the wall: who rose keeps a gold edge for 3 s. */
  function resort() {
    waiting = null;
    var ranks = {}, next = ranked(latest.rows), now = Date.now(), changed = false;
    shown.forEach(function (entry) { ranks[entry.unit] = entry.rank; });
    var fresh = {};
    next.forEach(function (entry) {
      var rose = ranks[entry.unit] === undefined ? 0 : ranks[entry.unit] - entry.rank;
      if (rose) { fresh[entry.unit] = rose; changed = true; }
      if (rose > 0) { risers[entry.unit] = now + HOT; }
    });
    if (changed) { moves = fresh; movedAt = now; setTimeout(cool, HOT + 50); }
    shown = next;
    sortedAt = now;
    draw();
  }

  function cool() {
    document.querySelectorAll('.lb li.hot').forEach(function (li) {
      if (!(risers[li.dataset.unit] > Date.now())) { li.classList.remove('hot'); }
    });
  }

  function take(document_) {
    latest = document_;
    put('sitting', String(latest.sitting));
    // Breaks only between the day and the time.
    var parts = latest.window.split('日 '), place = document.getElementById('window');
    place.textContent = '';
    place.appendChild(make('span', 'nb', parts[0] + '日'));
    place.appendChild(document.createTextNode(' '));
    place.appendChild(make('span', 'nb', parts[1]));
    document.getElementById('now').style.visibility = latest.state === 'open' ? '' : 'hidden';
    if (waiting === null) {
      waiting = setTimeout(resort, Math.max(0, sortedAt + RESORT - Date.now()));
    }
  }

  function heard(response) {
    heardAt = Date.now();
    var date = Date.parse(response.headers.get('Date'));
    // The header has whole seconds: only a clock that is really off is worth correcting.
    if (date && Math.abs(date - Date.now() - ahead) > 3000) { ahead = date - Date.now(); }
  }

  function ask() {
    var done = false;
    function again() { if (!done) { done = true; setTimeout(ask, POLL); } }
    var giveUp = setTimeout(again, WAIT);
    fetch(board.dataset.units, { headers: etag ? { 'If-None-Match': etag } : {}, cache: 'no-store' })
      .then(function (response) {
        if (response.status === 304) { heard(response); return null; }
        if (!response.ok) { throw new Error(response.status); }
        etag = response.headers.get('ETag') || '';
        return response.json().then(function (found) { heard(response); take(found); });
      })
      .catch(function () { etag = ''; })
      .then(function () { clearTimeout(giveUp); again(); });
  }

  function tick() {
    var local = new Date(Date.now() + ahead + zone), minutes = local.getUTCMinutes();
    put('clock', local.getUTCHours() + ':' + (minutes < 10 ? '0' : '') + minutes);
    var age = Date.now() - heardAt, old = document.getElementById('old');
    old.hidden = age < OLD;
    document.getElementById('rule').hidden = age >= OLD;
    if (age >= OLD) {
      var seconds = Math.round(age / 1000);
      put('old', '数据更新于 ' + (seconds < 120 ? seconds + ' 秒' : Math.floor(seconds / 60) + ' 分钟') + '前，正在重新连接');
    }
    if (movedAt && Date.now() - movedAt > MOVES_STAY) { moves = {}; movedAt = 0; draw(); }
    if (!still && Date.now() - turnedAt >= PAGE && shown.length > perPage()) {
      turnedAt = Date.now();
      page += 1;
      draw();
    }
  }

  var resized = null;
  window.addEventListener('resize', function () { clearTimeout(resized); resized = setTimeout(draw, 200); });
  tick();
  setInterval(tick, 1000);
  ask();
})();
