/* The sitting page: one item at a time, what is saved, how long is left, handing in. */
(function () {
  'use strict';
  var M = window.Mingshi, make = M.make, icon = M.icon;
  var by = function (id) { return document.getElementById(id); };
  var data = by('item').dataset;
  var paper = JSON.parse(by('paper').textContent);
  var items = paper.items;
  var DENSE = 60;          /* more ticks than this are too thin to read: one bar per kind */
  var AGAIN = [2, 5, 10, 15];
  /* Seconds between two looks at the number that changes with anybody's time, which is a second old at most;
     and, changed or not, at this sitting's own clock. */
  var LOOK = 3.6, ASK = 30;
  /* Seconds without anybody at the end before another way is shown; and until the script for it is fetched. */
  var WAY = 30, RARE = 4;

  var store = new M.Store(data.sitting);
  var count = new M.Countdown(paper.seconds_left, M.written());
  var flags = store.read('flags') || [];
  var given = [], current = 0, over = false, standing = false, excused = false, handingIn = false, warned = {}, lag = null, said = '', ended = -1;
  var version = null, heardAt = -Infinity;

  var queue = new M.Queue(data.api, data.csrf, store, {
    changed: changed,
    heard: hear,
    restored: function (n) { toast('已重新联网，' + n + ' 题答案已上传。'); },
    elsewhere: elsewhere,
    taken: taken,
    left: function () { return count.now(); },
    closed: closed
  });
  var watched = data.watched ? data.watched.split(',').map(Number) : null;
  var away = new M.Away(store, queue, watched, function (times, seconds, now) {
    by('away').hidden = false;
    by('away').textContent = '已记录：离开页面 ' + times + ' 次，共 ' + span(seconds);
    if (now && !over) toast('你离开了 ' + span(Math.round(now)) + '，已记录。');
  });
  var question = new M.Question(by('question'), data.policy, function (answer) {
    if (!over) queue.change(items[current].position, answer);
  });
  var sheet = new M.Sheet(items, stateOf, goTo, ask);
  var dialog = new M.Ask(sheet, {
    carry: carry,
    chances: data.chances,
    left: function () { return M.clockText(count.now()); },
    closed: function () { handingIn = false; }
  });

  function stateOf(position) {
    return {
      answered: queue.answer(position).some(Boolean),
      flagged: flags.indexOf(position) >= 0,
      waiting: queue.unsent.has(position) && queue.trouble !== '',
      current: position === items[current].position
    };
  }

  function answered() { return items.filter(function (item) { return stateOf(item.position).answered; }).length; }

  /* ---- one item ---- */

  function goTo(position) {
    question.flush();
    current = items.findIndex(function (item) { return item.position === position; });
    show();
    window.scrollTo(0, 0);
    by('heading').focus({ preventScroll: true });
  }

  function show() {
    var item = items[current], last = current === items.length - 1, heading = by('heading');
    heading.querySelector('.no').textContent = item.position;
    heading.querySelector('.of').textContent = '/ ' + items.length;
    heading.setAttribute('aria-label', '第 ' + item.position + ' 题，共 ' + items.length + ' 题');
    document.querySelector('.qh .chip').textContent = M.KINDS[item.kind] + ' · ' + item.points + ' 分';
    question.show(item, queue.answer(item.position));
    store.write('at', item.position);
    by('back').disabled = current === 0;
    by('next').textContent = last ? '去交卷' : '下一题';
    changed();
  }

  function paintFlag() {
    var on = stateOf(items[current].position).flagged;
    by('flag').classList.toggle('on', on);
    by('flag').setAttribute('aria-pressed', String(on));
    by('flag').querySelector('span').textContent = on ? '已标记' : '标记';
  }

  function toggleFlag() {
    var position = items[current].position, place = flags.indexOf(position);
    if (place >= 0) flags.splice(place, 1); else flags.push(position);
    store.write('flags', flags);
    changed();
  }

  /* ---- what is saved ---- */

  function changed() {
    if (queue.moved) paintMoved();
    if (over) return;
    by('open-sheet').querySelector('.num').textContent = answered() + '/' + items.length;
    by('open-sheet').setAttribute('aria-label', '答题卡，已答 ' + answered() + ' 题，共 ' + items.length + ' 题');
    paintFlag();
    paintTicks();
    paintSaved();
    paintBanner();
    if (sheet.layer.isOpen) by('legend-waiting').hidden = queue.trouble === '';
    if (handingIn === 'waiting') handIn();
  }

  function paintSaved() {
    var waiting = queue.unsent.size;
    if (queue.trouble === 'refused') return saved('retry', 'bad', ['没有保存，点此重试']);
    if (waiting && queue.trouble) return saved('offline', 'off', ['已存本机', waiting + ' 题待上传']);
    if (!waiting) return saved('tick', '', ['已保存']);
    // A save usually takes less than the word 正在保存 needs to be read.
    if (!lag) lag = setTimeout(function () { lag = null; if (queue.unsent.size && !queue.trouble) saved('', '', ['正在保存…']); }, 400);
    return null;
  }

  function saved(name, looks, words) {
    var place = by('saved'), text = words.join(' ');
    clearTimeout(lag);
    lag = null;
    place.disabled = !looks;
    if (place.dataset.text === text) return null;
    place.dataset.text = text;
    place.className = 'sv ' + looks;
    place.textContent = '';
    if (name) place.append(icon(name));
    var span = make('span', {});
    words.forEach(function (word) { span.append(make('span', { class: 'nb' }, word), ' '); });
    place.append(span);
    by('say-saved').textContent = text;
    return null;
  }

  function paintBanner() {
    var kind = queue.unsent.size || queue.trouble === 'identity' ? queue.trouble : '';
    if (by('banner').dataset.kind === kind) return;
    by('banner').dataset.kind = kind;
    by('banner').textContent = '';
    by('banner').hidden = !kind || kind === 'refused';
    var kept = store.durable ? '答案存在本机，联网后自动上传。' : '请不要关闭本页，联网后自动上传。';
    var words = {
      offline: ['网络断开，可继续作答', kept],
      busy: ['参加人数较多，正在排队', store.durable ? '答案已存本机，会自动上传，可继续作答。' : kept],
      identity: ['需要重新核对身份', store.durable ? '答案都在本机，核对后接着答。' : '还没有上传的答案只在本页。']
    }[kind];
    if (!words) return;
    var text = make('span', {}, make('b', {}, words[0]), words[1]);
    if (kind === 'identity') text.append(identifyLink());
    if (kind === 'offline') text.append(' ', carryButton());
    by('banner').append(icon(kind === 'offline' ? 'offline' : 'warn'), text);
  }

  function carryButton() {
    var button = make('button', { type: 'button', class: 'cy' }, '网络一直不通？');
    button.addEventListener('click', carry);
    button.hidden = !M.carry;
    return button;
  }

  /* What hardly anybody needs comes after the page can be used, while there is a network. */
  function fetchRare() {
    var script = make('script', { src: data.rare });
    script.addEventListener('error', function () { setTimeout(fetchRare, 15000); });
    document.head.append(script);
  }

  function carry() {
    question.flush();
    handingIn = false;
    var answers = M.kept(store);
    if (answers.length && M.carry) M.carry(dialog, data, answers);
  }

  function identifyLink() {
    var link = make('a', { href: data.join }, '去核对');
    // Everything is on this phone and comes back with the page: no warning is due.
    link.addEventListener('click', function () { excused = store.durable; });
    return link;
  }

  function paintTicks() {
    var place = by('ticks'), groups = M.groups(items), dense = items.length > DENSE;
    var waiting = items.filter(function (item) { return stateOf(item.position).waiting; }).length;
    place.className = dense ? 'tbar' : 'tk';
    place.textContent = '';
    groups.forEach(function (group, n) { if (dense) place.append(bar(group)); else tickGroup(place, group, n); });
    place.setAttribute('aria-label', '共 ' + items.length + ' 题，已答 ' + answered() + ' 题' +
      (flags.length ? '，标记 ' + flags.length + ' 题' : '') + (waiting ? '，其中 ' + waiting + ' 题待上传' : ''));
  }

  function tickGroup(place, group, n) {
    group.items.forEach(function (item, m) {
      var is = stateOf(item.position);
      place.append(make('i', { class: (is.waiting ? 'p' : is.answered ? 'a' : '') + (is.flagged ? ' f' : '') + (is.current ? ' c' : '') + (n && !m ? ' gp' : '') }));
    });
  }

  function bar(group) {
    var full = group.items.length, made = make('i', { style: 'flex-grow:' + full });
    var share = function (n) { return 'width:' + 100 * n / full + '%'; };
    var done = group.items.filter(function (item) { return stateOf(item.position).answered; }).length;
    var waiting = group.items.filter(function (item) { return stateOf(item.position).waiting; }).length;
    var place = group.items.indexOf(items[current]);
    made.append(make('b', { style: share(done - waiting) }), make('b', { class: 'p', style: share(waiting) }));
    if (place >= 0) made.append(make('em', { style: 'left:' + 100 * (place + 0.5) / full + '%' }));
    return made;
  }

  function span(seconds) {
    var rest = seconds % 60, minutes = (seconds - rest) / 60;
    return (minutes ? minutes + (rest ? ' 分 ' : ' 分钟') : '') + (rest || !minutes ? rest + ' 秒' : '');
  }

  function elsewhere(position, mine) {
    if (queue.moved) { given.push(position); return; }
    toast('第 ' + position + ' 题在别处改过，' + (mine ? '以你刚才的选择为准。' : '已换成那边的答案。'));
    question.refresh(queue.answer(items[current].position));
  }

  var toastEnd = null;
  function toast(words) {
    by('toast').textContent = by('say').textContent = words;
    by('toast').hidden = false;
    clearTimeout(toastEnd);
    toastEnd = setTimeout(function () { by('toast').hidden = true; }, 4000);
  }

  /* ---- time ---- */

  function tick() {
    if (over) return;
    var left = count.now(), timer = by('timer');
    if (said !== M.clockText(left)) {
      said = timer.querySelector('.num').textContent = M.clockText(left);
      if (by('ask-left')) by('ask-left').textContent = said;
    }
    timer.className = left <= 60 ? 'tm t1' : left <= 300 ? 'tm t5' : 'tm';
    timer.setAttribute('aria-label', left <= 60 ? '剩余时间，不足 1 分钟' : left <= 300 ? '剩余时间，不足 5 分钟' : '剩余时间');
    [[60, '还剩 1 分钟，到时自动交卷'], [300, '还剩 5 分钟'], [600, '还剩 10 分钟']].forEach(function (mark) {
      // A mark is told when it is passed, not to somebody who comes back later.
      if (left > mark[0]) warned[mark[0]] = 'ahead';
      else if (warned[mark[0]] === 'ahead') { warned[mark[0]] = 'told'; warn(mark[0], mark[1]); }
    });
    if (left <= 0) timeOver();
  }

  function warn(seconds, words) {
    if (seconds === 600) by('say').textContent = words; else toast(words);
    if (seconds === 300 && navigator.vibrate) navigator.vibrate(60);
  }

  function hear(left, sent, received) {
    var before = count.now();
    count.hear(left, sent, received);
    away.send(false);
    if (count.now() - before > 30 && !over && !standing) toast('时间已延长，还剩 ' + M.clockText(count.now()) + '。');
  }

  /* True when the sitting is open and there is time. */
  function askClock() {
    return queue.call('GET', '/clock', null).then(function (reply) {
      if (reply.status !== 200) return false;
      heardAt = reply.received;
      if (reply.body.state !== 'open') { if (!over) closed(); return false; }
      hear(reply.body.seconds_left, reply.sent, reply.received);
      if (reply.body.elsewhere) { taken(); return false; }
      stand(reply.body.paused);
      return reply.body.paused || reply.body.seconds_left > 1;
    });
  }

  /* Somebody may have been given more time, or all may stand still: not all phones ask at once. */
  function listen() {
    setTimeout(function () {
      if (over || document.hidden) listen(); else lookAtTime().then(listen, listen);
    }, 1000 * LOOK * (0.85 + 0.15 * Math.random()));
  }

  /* The number is the same for everybody and costs the server next to nothing. */
  function lookAtTime() {
    return M.call('GET', data.time, { credentials: 'omit' }).then(function (reply) {
      if (reply.status !== 200) return null;
      away.send(false);
      var now = reply.body.version, asked = performance.now();
      if (over || now === version && asked - heardAt < 1000 * ASK) return null;
      return askClock().then(function () { if (heardAt > asked) version = now; });
    });
  }

  function stand(on) {
    count.stand(on);
    if (on === standing) return;
    standing = on;
    if (over) return;
    if (on) { cover(); return; }
    by('over').hidden = true;
    by('item').hidden = by('bar').hidden = false;
    show();
    toast('考试继续，停了多久补多久。');
  }

  function cover() {
    question.flush();
    dialog.layer.firm = false;
    handingIn = false;
    sheet.layer.close(true);
    dialog.layer.close(true);
    by('item').hidden = by('bar').hidden = true;
    by('over').hidden = false;
    by('over').textContent = '';
    by('over').append(icon('clock'), make('h2', {}, '考试暂停'), make('p', {}, '时间停住，已答的都保存。'), make('p', {}, '考试继续时，这里自动打开。'));
    by('over').focus();
  }

  /* Ask the server how things stand: after sleep, coming back, or when the line returns. */
  function look() {
    if (over || document.hidden) return;
    queue.call('GET', '', null).then(function (reply) {
      if (reply.status !== 200 || over) return;
      if (reply.body.state !== 'open') { closed(); return; }
      hear(reply.body.seconds_left, reply.sent, reply.received);
      if (reply.body.elsewhere) { taken(); return; }
      stand(reply.body.paused);
      queue.calm();
      queue.merge(reply.body.responses);
      question.refresh(queue.answer(items[current].position));
      queue.retry();
      tick();
      changed();
    });
  }

  /* ---- handing in ---- */

  function ask() {
    question.flush();
    dialog.open(flags.length, queue.unsent.size, handIn);
  }

  function handIn() {
    if (queue.unsent.size) {
      handingIn = 'waiting';
      dialog.waiting(queue.unsent.size);
      if (queue.trouble !== 'busy' && !queue.flying.size && !queue.timer) queue.retry();
      return;
    }
    if (handingIn === 'sending') return;
    handingIn = 'sending';
    dialog.layer.firm = true;
    dialog.sending();
    queue.call('POST', '/submit', null).then(function (reply) {
      dialog.layer.firm = false;
      handingIn = false;
      if (reply.status === 200) leave(); else if (!over) dialog.failed(handIn);
    });
  }

  /* ---- the same sitting, elsewhere ---- */

  /* It goes on on another phone: nothing more is asked here, and what is still here is sent. */
  function taken() {
    if (queue.moved || over && !standing) return;
    moveTo('已在另一台手机上继续', make('a', { class: 'btn btn-line', href: data.notice }, '换回这台手机'));
  }

  function lost() {
    if (queue.moved || over) return;
    var back = make('button', { type: 'button', class: 'btn btn-line' }, '在这里继续');
    back.addEventListener('click', function () { tabs.claim(); location.reload(); });
    moveTo('已在另一个页面继续', back);
  }

  function moveTo(title, way) {
    question.flush();
    queue.moved = true;
    lock(title, '');
    by('over').append(way);
    paintMoved();
    queue.retry();
  }

  function paintMoved() {
    var left = queue.unsent.size, words = by('over').querySelector('p');
    words.textContent = left ? '这里还有 ' + left + ' 题没有上传，联网后自动上传，请先不要关闭本页。' : '这里的答案都已上传。';
    if (given.length) words.textContent += '第 ' + given.join('、') + ' 题两边都答过，以那边的答案为准。';
  }

  /* Another page of this phone answered: which of the two goes on is for the person to say. */
  function met() {
    if (over) return;
    lock('这次答题已在另一个页面打开，在这里继续？', '答案都在。继续后，那个页面不能再作答。');
    var here = make('button', { type: 'button', class: 'btn btn-ink' }, '在这里继续');
    here.addEventListener('click', function () { tabs.claim(); location.reload(); });
    by('over').append(here);
  }

  function leave() {
    over = true;
    if (!queue.unsent.size) {
      queue.stopped = true;
      store.clear();
      location.replace(data.result);
      return;
    }
    // Perhaps only the acknowledgement was lost: ask once more, then say plainly what did not arrive.
    queue.retry();
    setTimeout(function () {
      if (!queue.unsent.size) { leave(); return; }
      queue.stopped = true;
      seal(queue.unsent.size);
    }, 2500);
  }

  /* Too late to be saved: it is taken down as what it is, and the result page says what becomes of it. */
  function seal(n) {
    M.late(queue, store).then(function (recorded) {
      if (recorded !== null) { store.clear(); location.replace(data.result); return; }
      lock('已经交卷', n + ' 题没能在截止前上传，封存在本机。联网后打开成绩页，会自动登记。此前保存的答案都有效。');
      by('over').append(make('a', { class: 'btn btn-ink', href: data.result }, '看成绩'), carryButton());
    });
  }

  function closed() {
    if (over && !queue.moved) return;
    queue.moved = false;
    lock('本场已经交卷', '正在打开成绩…');
    leave();
  }

  function timeOver() {
    question.flush();
    lock('时间到，正在交卷…', '请保持本页打开。');
    ended = performance.now();
    // Saves under way still count for a moment; and not all phones of a hall at once.
    setTimeout(function () { settle(0); }, 300 + 1200 * Math.random());
  }

  /* Perhaps there is more time by now, or all stand still: a phone that was offline hears of it only here,
     and must not hand in what the person may still go on with. */
  function settle(tries) {
    askClock().then(function (more) { if (more) unlock(); else deliver(tries); });
  }

  function unlock() {
    over = false;
    by('over').hidden = true;
    by('top').hidden = by('item').hidden = by('bar').hidden = false;
    show();
    queue.retry();
    if (standing) cover(); else if (count.now() > 30) toast('时间已延长，还剩 ' + M.clockText(count.now()) + '。');
  }

  function lock(title, words) {
    over = true;
    sheet.layer.close(true);
    dialog.layer.firm = false;
    dialog.layer.close(true);
    by('item').hidden = by('bar').hidden = by('top').hidden = true;
    by('question').textContent = '';
    by('over').hidden = false;
    by('over').textContent = '';
    by('over').append(icon('clock'), make('h2', {}, title), make('p', {}, words));
    by('over').focus();
  }

  function deliver(tries) {
    queue.call('POST', '/submit', null).then(function (reply) {
      if (reply.status === 200) { leave(); return; }
      var words = by('over').querySelector('p');
      if (reply.status === 401 || reply.status === 404) {
        words.textContent = '答案都在。请重新核对身份，看成绩。';
        words.append(make('a', { href: data.join }, '去核对'));
        return;
      }
      words.textContent = '时间到，答案已封存在本机。请保持本页打开，联网后自动提交。';
      offer();
      setTimeout(function () { settle(tries + 1); }, 1000 * AGAIN[Math.min(tries, AGAIN.length - 1)] * (0.85 + 0.3 * Math.random()));
    });
  }

  /* Nobody is reached at the end: another way for what is still here, opened by itself after a while. */
  function offer() {
    if (!queue.unsent.size) return;
    if (!by('over').querySelector('.cy')) by('over').append(carryButton());
    if (performance.now() - ended < 1000 * WAY || ended < 0) return;
    ended = -1;
    carry();
  }

  /* ---- begin ---- */

  queue.begin(paper.responses);
  var at = store.read('at');
  if (at !== null) away.opened();
  current = Math.max(0, items.findIndex(function (item) {
    return at === null ? !stateOf(item.position).answered : item.position === at;
  }));
  by('back').addEventListener('click', function () { goTo(items[current - 1].position); });
  by('next').addEventListener('click', function () {
    if (current < items.length - 1) goTo(items[current + 1].position); else ask();
  });
  by('open-sheet').addEventListener('click', function () { question.flush(); sheet.open(); });
  by('flag').addEventListener('click', toggleFlag);
  by('saved').addEventListener('click', function () { queue.retry(); });
  window.addEventListener('online', function () { queue.retry(); });
  function left(kind) { if (!over && !excused) away.leave(kind); }
  document.addEventListener('visibilitychange', function () {
    if (document.hidden) { question.flush(); left('left'); } else { away.back(); look(); }
  });
  window.addEventListener('pageshow', function (event) { if (event.persisted) { away.back(); look(); } });
  window.addEventListener('pagehide', function () { question.flush(); left('left'); });
  window.addEventListener('blur', function () { if (!document.hidden) left('blurred'); });
  window.addEventListener('focus', function () { if (!document.hidden) away.back(); });
  window.addEventListener('beforeunload', function (event) {
    question.flush();
    if (over || excused || !queue.unsent.size) return;
    event.preventDefault();
    event.returnValue = '';
  });
  show();
  tick();
  stand(Boolean(data.paused));
  listen();
  setInterval(tick, 250);
  setTimeout(fetchRare, 1000 * RARE);
  var tabs = new M.Tabs(store, { met: met, lost: lost });
})();
