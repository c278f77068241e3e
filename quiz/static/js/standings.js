/* The board on the wall: asks every 0.7 s, re-sorts at most every 5 s, turns the page every 12 s,
   keeps showing what it has when the network is away and says how old that is. */
(function () {
  'use strict';
  var POLL = 700, RESORT = 5000, PAGE = 12000, HOT = 3000, OLD = 8000, WAIT = 6000, COLUMN = 8;
  var MOVES_STAY = 15000;
  var board = document.getElementById('board');
  var lists = [document.getElementById('first'), document.getElementById('second')];
  var still = location.hash === '#still' ||
    !!(window.matchMedia && matchMedia('(prefers-reduced-motion:reduce)').matches);
  var zone = +board.dataset.zone * 60000, ahead = +board.dataset.now - Date.now();
  var etag = '', latest = null, shown = [], moves = {}, risers = {}, page = 0;
  var toldMark = '';
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

  /* Only who has taken part; the address asks for no more than rules.WALL_ROWS of a group, never its last. */
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

  /* A page is of one group: {group, first, rows}; one without rows when there is nothing to show. */
  function paged() {
    var size = perPage(), groups = [], of = {}, found = [];
    shown.forEach(function (entry) {
      if (!of[entry.group]) { groups.push(of[entry.group] = []); }
      of[entry.group].push(entry);
    });
    groups.forEach(function (rows) {
      for (var at = 0; at < rows.length; at += size) {
        found.push({ group: rows[0].group, first: at + 1, whole: rows.length, rows: rows.slice(at, at + size) });
      }
    });
    return found.length ? found : [{ group: '', first: 1, whole: 0, rows: [] }];
  }

  function draw() {
    var pages = paged(), before = places();
    page = page % pages.length;
    var now = pages[page], rows = now.rows;
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
    put('group', now.group);
    document.getElementById('group').hidden = !now.group;
    put('page', now.whole > rows.length ? '第 ' + now.first + ' 至 ' + (now.first + rows.length - 1) + ' 家' : '');
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

  /* 放榜: six places a view, the newest among them; sealed ones say nothing but their place. */
  function column(entry, newest) {
    var sealed = entry.unit === undefined, div = make('div', 'col' + (sealed ? ' sld' : newest ? ' now' : ''));
    div.style.height = Math.max(86, 100 - 2.2 * (entry.place - 1) % 13.2) + '%';
    div.appendChild(make('span', 'crk', String(sealed ? entry.place : entry.rank)));
    if (entry.prize) { div.appendChild(make('span', 'pz', entry.prize)); }
    if (sealed) {
      var seal = make('span', 'fg');
      seal.appendChild(make('b', '', '封'));
      div.appendChild(seal);
    } else {
      div.appendChild(make('span', 'cnm' + (entry.unit.length > 7 ? ' small' : entry.unit.length > 5 ? ' mid' : ''), entry.unit));
      div.appendChild(make('span', 'csc', entry.score));
    }
    return div;
  }

  function tell(reveal) {
    var on = !!reveal;
    if (on) {
      document.getElementById('scene').hidden = true;
      scene = null;
      document.body.classList.remove('other');
      board.hidden = true;
    } else if (toldMark) { board.hidden = false; }
    document.getElementById('tell').hidden = !on;
    document.getElementById('foot').hidden = on;
    document.querySelector('.sh1').hidden = on;
    var mark = on ? reveal.rehearsal + '/' + reveal.step + '/' + reveal.places.length : '';
    if (!on || mark === toldMark) { toldMark = mark; return; }
    toldMark = mark;
    var newest = reveal.places.length - reveal.step, view = Math.max(0, Math.floor(Math.min(newest, reveal.places.length - 1) / 6) * 6);
    var place = document.getElementById('bang');
    place.textContent = '';
    reveal.places.slice(view, view + 6).forEach(function (entry, index) {
      place.appendChild(column(entry, reveal.step > 0 && view + index === newest));
    });
    put('said', reveal.said || '请看大屏');
    put('tell-kind', reveal.rehearsal ? '演练，名次不是最终结果' : '封榜后成绩逐家揭晓');
  }

  function take(document_) {
    latest = document_;
    tell(latest.reveal);
    document.getElementById('frozen').hidden = !latest.frozen;
    put('sitting', String(latest.sitting));
    // Breaks only between the day and the time.
    var parts = latest.window.split('日 '), place = document.getElementById('window');
    place.textContent = '';
    place.appendChild(make('span', 'nb', parts[0] + '日'));
    place.appendChild(document.createTextNode(' '));
    place.appendChild(make('span', 'nb', parts[1]));
    document.getElementById('now').style.visibility = latest.state === 'open' && !latest.frozen ? '' : 'hidden';
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
    if (!still && Date.now() - turnedAt >= PAGE && paged().length > 1) {
      turnedAt = Date.now();
      page += 1;
      draw();
    }
  }

  /* The other scenes, one after another, the ranks between them. Everything shown was fetched before. */
  var wall = null, scene = null, turn = 0, sceneAt = Date.now(), answered = false;

  function askWall() {
    fetch(board.dataset.wall, { cache: 'no-store' })
      .then(function (response) { return response.ok ? response.json() : null; })
      .then(function (found) { if (found) { wall = found; } }, function () { return null; })
      .then(function () { setTimeout(askWall, 15000); });
  }

  function lines(title, rows) {
    var list = make('ol', 'sl');
    rows.forEach(function (cells) {
      var li = make('li', '');
      cells.forEach(function (text, index) { li.appendChild(make('span', 's' + index, text)); });
      list.appendChild(li);
    });
    return [make('h2', '', title), list];
  }

  var parts = {
    persons: function () {
      return wall.persons.length ? lines('个人榜', wall.persons.map(function (one) {
        return [String(one.rank), one.name, one.unit, String(one.score)];
      })) : null;
    },
    progress: function () {
      var share = latest.expected ? Math.floor(100 * latest.took_part / latest.expected) : 0;
      var bar = make('div', 'pbar'), done = make('i', '');
      done.style.width = share + '%';
      bar.appendChild(done);
      var figures = make('p', 'pfig', '应参 ' + latest.expected + ' 人　已参加 ' + latest.took_part + ' 人' + (latest.frozen ? '' : '　正在答 ' + latest.sitting + ' 人'));
      return [make('h2', '', '进度'), make('p', 'pbig', share + '%'), bar, figures];
    },
    qr: function () {
      var copy = document.querySelector('.qb').cloneNode(true), side = make('div', 'qside');
      side.appendChild(make('h2', '', '微信扫码答题'));
      side.appendChild(make('p', 'pfig', document.querySelector('.code').textContent));
      side.appendChild(make('p', 'pfig', latest.window));
      var both = make('div', 'qfull');
      both.appendChild(copy);
      both.appendChild(side);
      return [both];
    },
    slogans: function () {
      return wall.slogans.length ? [make('p', 'slogan song', wall.slogans[turn % wall.slogans.length])] : null;
    },
    question: function () {
      if (!wall.question) { return null; }
      var list = make('ol', 'qo');
      wall.question.options.forEach(function (text) { list.appendChild(make('li', '', text)); });
      var key = make('p', 'qk', '答案　' + wall.question.key);
      key.style.visibility = 'hidden';
      return [make('h2', '', '每日一题'), make('p', 'qs', wall.question.stem), list, key];
    }
  };

  function show(name) {
    var place = document.getElementById('scene'), built = name && name !== 'units' ? parts[name]() : null;
    scene = built ? name : 'units';
    sceneAt = Date.now();
    answered = false;
    place.textContent = '';
    (built || []).forEach(function (element) { place.appendChild(element); });
    place.className = 'scene ' + scene;
    place.hidden = !built;
    document.body.classList.toggle('other', !!built);
    board.hidden = !!built;
  }

  function nextScene() {
    if (!wall || !latest || latest.reveal) { return; }
    var units = wall.scenes.indexOf('units') >= 0, others = wall.scenes.filter(function (one) { return one !== 'units'; });
    if (scene === 'question' && !answered && Date.now() - sceneAt >= PAGE) {
      answered = true;
      sceneAt = Date.now();
      document.querySelector('.qk').style.visibility = '';
      return;
    }
    var pages = scene === 'units' || scene === null ? paged().length : 1;
    if (!others.length || Date.now() - sceneAt < PAGE * pages) { return; }
    if (units && scene !== 'units' && scene !== null) { show('units'); return; }
    show(others[turn % others.length]);
    turn += 1;
  }

  var resized = null;
  window.addEventListener('resize', function () { clearTimeout(resized); resized = setTimeout(draw, 200); });
  tick();
  setInterval(tick, 1000);
  ask();
  askWall();
  if (!still) { setInterval(nextScene, 1000); }
})();
