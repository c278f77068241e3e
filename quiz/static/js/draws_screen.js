/* The draw on the wall: asks every second, uncovers what the presenter uncovers, keeps what it has when the
   network is away and says how old that is. Knows nobody who has not been uncovered. */
(function () {
  'use strict';
  var POLL = 1000, WAIT = 6000, OLD = 6000, VIEW = 10;
  var screen = document.getElementById('screen'), list = document.getElementById('winners');
  var said = document.getElementById('say'), heardAt = Date.now(), drawn = '';

  function put(id, text) {
    var element = document.getElementById(id);
    if (element.textContent !== text) { element.textContent = text; }
  }

  function make(tag, name, text) {
    var element = document.createElement(tag);
    element.className = name;
    element.textContent = text;
    return element;
  }

  function grouped(text) { return text ? text.slice(0, 16).replace(/(....)(?=.)/g, '$1 ') : '—'; }

  function say(title, words) {
    said.textContent = '';
    said.appendChild(make('b', '', title));
    said.appendChild(make('p', '', words));
  }

  function card(one, fresh) {
    var li = make('li', fresh ? 'nw' : '', ''), more = make('div', '', '');
    li.appendChild(make('b', '', one.name));
    more.appendChild(make('span', one.unit.length > 9 ? 'long' : '', one.unit));
    if (one.tail) { more.appendChild(make('span', 'tl', '尾号 ' + one.tail)); }
    li.appendChild(more);
    return li;
  }

  /* The prizes of the tier now being uncovered, ten a view; empty places wait with their number. */
  function cards(found) {
    var mine = found.winners.filter(function (one) { return one.tier === found.tier; });
    var key = found.tier + mine.length, from = Math.max(0, Math.floor((mine.length - 1) / VIEW)) * VIEW;
    put('tier', found.tier + '　' + found.total + ' 名');
    put('count', '已抽出 ' + mine.length + ' / ' + found.total);
    if (key === drawn) { return; }
    list.textContent = '';
    for (var n = from; n < Math.min(from + VIEW, found.total); n++) {
      list.appendChild(n < mine.length ? card(mine[n], drawn !== '' && n === mine.length - 1) :
        make('li', 'wt', '第 ' + (n + 1) + ' 名待抽'));
    }
    drawn = key;
  }

  function waiting(found) {
    put('tier', screen.dataset.title);
    put('count', '');
    drawn = 'nothing yet';
    if (found.state === 'published') { say('名单已公布', '请嘉宾报现场数，名单从现在起不能再改'); }
    if (found.state === 'agreed') { say('种子已定', '结果已由名单和现场数唯一决定，等待开奖'); }
    if (found.state === 'abandoned') { say('本次抽奖已作废', '原因见公示页，请扫码查看'); }
  }

  function show(found) {
    var uncovering = found.state === 'drawn' || found.state === 'announced' || found.state === 'closed';
    put('persons', found.persons.toLocaleString('en') + ' 人');
    put('fingerprint', grouped(found.fingerprint));
    put('numbers', found.numbers.length ? found.numbers.join(' ') : '待报');
    put('seed', grouped(found.seed));
    list.hidden = !uncovering;
    said.hidden = uncovering;
    if (uncovering) { cards(found); } else { waiting(found); }
  }

  function ask() {
    var stop = new AbortController(), timer = setTimeout(function () { stop.abort(); }, WAIT);
    fetch(screen.dataset.state, { cache: 'no-store', signal: stop.signal }).then(function (reply) {
      if (!reply.ok) { throw new Error(reply.status); }
      return reply.json();
    }).then(function (found) {
      heardAt = Date.now();
      show(found);
    }).catch(function () { /* said below when it lasts */ }).then(function () {
      clearTimeout(timer);
      setTimeout(ask, POLL);
    });
  }

  setInterval(function () {
    var late = Date.now() - heardAt, old = document.getElementById('old');
    old.hidden = late < OLD;
    if (!old.hidden) { put('old', '网络中断，画面停在 ' + Math.round(late / 1000) + ' 秒前'); }
  }, 1000);

  ask();
}());
