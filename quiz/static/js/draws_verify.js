/* Recomputes a prize draw in this browser from the published file: the second implementation of quiz/draws/rules.py.
   Own SHA-256, because crypto.subtle is missing on pages that come over plain http. Nothing is sent anywhere. */
(function () {
  'use strict';
  var FORMAT = 'mingshi-draw-1', K = [], START = [];

  /* The first 32 bits of the fractions of the cube and square roots of the primes (FIPS 180-4 §4.2.2, §5.3.3). */
  (function () {
    var n, d;
    for (n = 2; K.length < 64; n++) {
      for (d = 2; d * d <= n && n % d; d++) { /* a divisor? */ }
      if (d * d > n) {
        if (START.length < 8) { START.push(fraction(Math.sqrt(n))); }
        K.push(fraction(Math.cbrt(n)));
      }
    }
    function fraction(x) { return ((x - Math.floor(x)) * 4294967296) | 0; }
  }());

  function rotate(x, n) { return (x >>> n) | (x << (32 - n)); }

  function block(state, view, at) {
    var w = [], i, s0, s1, a, b, c, d, e, f, g, h, t1, t2;
    for (i = 0; i < 64; i++) {
      if (i < 16) { w[i] = view.getInt32(at + 4 * i); continue; }
      s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >>> 3);
      s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    a = state[0]; b = state[1]; c = state[2]; d = state[3]; e = state[4]; f = state[5]; g = state[6]; h = state[7];
    for (i = 0; i < 64; i++) {
      s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    return [a, b, c, d, e, f, g, h].map(function (x, place) { return (state[place] + x) | 0; });
  }

  /* Thirty-two numbers from 0 to 255. */
  function sha256(bytes) {
    var whole = (((bytes.length + 8) >> 6) + 1) * 64, state = START.slice(), at;
    var padded = new Uint8Array(whole), view = new DataView(padded.buffer);
    padded.set(bytes);
    padded[bytes.length] = 128;
    view.setUint32(whole - 8, Math.floor(bytes.length / 536870912));
    view.setUint32(whole - 4, (bytes.length * 8) >>> 0);
    for (at = 0; at < whole; at += 64) { state = block(state, view, at); }
    return [].concat.apply([], state.map(function (x) { return [x >>> 24, (x >>> 16) & 255, (x >>> 8) & 255, x & 255]; }));
  }

  function utf8(text) { return new TextEncoder().encode(text); }

  function hex(text) {
    return sha256(utf8(text)).map(function (byte) { return (byte < 16 ? '0' : '') + byte.toString(16); }).join('');
  }

  function canonicalList(doc) {
    var lines = [FORMAT, doc.rehearsal ? '彩排' : '正式', doc.title, doc.rule, doc.source];
    doc.tiers.forEach(function (tier) { lines.push(tier.name + '\t' + tier.count); });
    lines.push('递补\t' + doc.alternates);
    doc.list.forEach(function (one, place) {
      lines.push([place + 1, one.name, one.unit, one.tail, one.tickets, one.mark].join('\t'));
    });
    return lines.join('\n') + '\n';
  }

  function canonicalNumbers(texts) {
    return texts.map(function (text) {
      var numbers = text.trim().split(/[\s,，、.]+/).map(Number).sort(function (a, b) { return a - b; });
      return numbers.map(function (n) { return n + '.'; }).join('') + '/';
    }).join('');
  }

  function modulo(digest, by) {
    return digest.reduce(function (rest, byte) { return (rest * 256 + byte) % by; }, 0);
  }

  function winners(doc, seed) {
    var holders = [], chosen = [], seen = {}, wanted = doc.alternates, number, index, place, holder;
    doc.list.forEach(function (one, at) { for (var n = 0; n < one.tickets; n++) { holders.push(at + 1); } });
    doc.tiers.forEach(function (tier) { wanted += tier.count; });
    wanted = Math.min(wanted, doc.list.length);
    for (number = 0; chosen.length < wanted && holders.length; number++) {
      index = String.fromCharCode(number >> 8, number & 255);
      // Two bytes, not two characters of UTF-8.
      place = modulo(sha256(bytesOf(index, seed)), holders.length);
      holder = holders.splice(place, 1)[0];
      if (!seen[holder]) { seen[holder] = true; chosen.push(holder); }
    }
    return chosen;
  }

  function bytesOf(index, key) {
    return Uint8Array.from((index + key + index).split('').map(function (c) { return c.charCodeAt(0); }));
  }

  /* {fingerprint, seed, winners, problems}; throws when the file is no draw. */
  function verify(doc) {
    var problems = [], found = {}, marks = doc.list.map(function (one) { return one.mark; });
    if (doc.format !== FORMAT || typeof doc.fingerprint !== 'string') { throw new Error(FORMAT); }
    if (marks.some(function (mark, at) { return at && mark <= marks[at - 1]; })) {
      problems.push('名单的顺序不对，或者有人重复。');
    }
    found.fingerprint = hex(canonicalList(doc));
    if (found.fingerprint !== doc.fingerprint) { problems.push('名单或规则和公布的指纹不符。'); }
    if (doc.numbers) {
      found.seed = hex(found.fingerprint + '\n' + canonicalNumbers(doc.numbers.map(function (one) { return one.number; })));
      if (found.seed !== doc.seed) { problems.push('抽奖种子和名单指纹、现场数不符。'); }
    }
    if (doc.winners) {
      found.winners = winners(doc, found.seed);
      if (found.winners.join() !== doc.winners.join()) { problems.push('中奖名单和按种子算出的不符。'); }
    }
    found.problems = problems;
    return found;
  }

  window.mingshiDraw = { sha256: hex, verify: verify };

  var form = document.getElementById('recompute');
  if (!form) { return; }
  var result = document.getElementById('result'), file = document.getElementById('file');

  function line(tag, text, name) {
    var element = document.createElement(tag);
    element.textContent = text;
    if (name) { element.className = name; }
    result.appendChild(element);
  }

  function grouped(text) { return text.slice(0, 16).replace(/(....)(?=.)/g, '$1 '); }

  function show(doc) {
    var found = verify(doc), prizes = [];
    doc.tiers.forEach(function (tier) { for (var n = 0; n < tier.count; n++) { prizes.push(tier.name); } });
    result.textContent = '';
    if (doc.rehearsal) { line('p', '这是彩排的文件，结果无效。', 'note note-zhe'); }
    found.problems.forEach(function (problem) { line('p', '✗ ' + problem, 'note note-zhu'); });
    if (!found.problems.length) { line('p', found.winners ? '✓ 全部相符。名单、种子、中奖名单都能重新算出。' : '✓ 名单和指纹相符。还没有开奖。', 'note note-lv'); }
    line('p', doc.title + '，名单 ' + doc.list.length + ' 人', 'what');
    line('p', '本机算出的名单指纹 ' + grouped(found.fingerprint) + '…', 'fp');
    if (found.seed) { line('p', '本机算出的抽奖种子 ' + grouped(found.seed) + '…', 'fp'); }
    (found.winners || []).forEach(function (place, order) {
      var one = doc.list[place - 1];
      line('p', (prizes[order] || '递补 ' + (order + 1 - prizes.length)) + '　' + one.name + '　' + one.unit +
        (one.tail ? '　尾号 ' + one.tail : '') + '　名单第 ' + place + ' 位', 'win');
    });
  }

  function fail() {
    result.textContent = '';
    line('p', '✗ 这不是抽奖公布的文件，或者文件不完整。请从公示页重新下载。', 'note note-zhu');
  }

  function read(text) {
    try { show(JSON.parse(text)); } catch (error) { fail(); }
  }

  file.addEventListener('change', function () {
    var reader = new FileReader();
    if (!file.files.length) { return; }
    reader.onload = function () { read(reader.result); };
    reader.onerror = fail;
    reader.readAsText(file.files[0]);
  });

  if (form.dataset.published) {
    fetch(form.dataset.published, { cache: 'no-store' }).then(function (reply) {
      if (!reply.ok) { throw new Error(reply.status); }
      return reply.text();
    }).then(read).catch(function () {
      result.textContent = '';
      line('p', '没有取到公布的文件。请检查网络后刷新，或者选择已经下载的文件。', 'note note-zhe');
    });
  }
}());
