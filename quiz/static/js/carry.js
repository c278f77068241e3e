/* When no network comes back: what is still on this phone as a text that somebody else carries to the desk.
   Signed with a key the server gave this phone for this sitting alone; a hall's http has no crypto.subtle. */
(function () {
  'use strict';
  var M = window.Mingshi;
  var make = M.make;

  function sha256(bytes) {
    var k = [], h = [], prime = 1, n, m, t;
    while (k.length < 64) {
      for (prime += 1, n = 2; prime % n; n += 1);
      if (n < prime) continue;
      if (h.length < 8) h.push(Math.pow(prime, 1 / 2) * 4294967296 | 0);
      k.push(Math.pow(prime, 1 / 3) * 4294967296 | 0);
    }
    var data = new Uint8Array(bytes.length + 72 >> 6 << 6), view = new DataView(data.buffer), w = [];
    data.set(bytes);
    data[bytes.length] = 128;
    view.setUint32(data.length - 4, bytes.length * 8);
    var turn = function (x, by) { return x >>> by | x << 32 - by; };
    for (n = 0; n < data.length; n += 64) {
      var s = h.slice();
      for (m = 0; m < 64; m += 1) {
        if (m < 16) w[m] = view.getInt32(n + 4 * m);
        else {
          var a = w[m - 15], b = w[m - 2];
          w[m] = w[m - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >>> 3) + w[m - 7] + (turn(b, 17) ^ turn(b, 19) ^ b >>> 10) | 0;
        }
        t = s[7] + (turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)) + (s[4] & s[5] ^ ~s[4] & s[6]) + k[m] + w[m];
        s = [t + (turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)) + (s[0] & s[1] ^ s[0] & s[2] ^ s[1] & s[2]) | 0,
          s[0], s[1], s[2], s[3] + t | 0, s[4], s[5], s[6]];
      }
      for (m = 0; m < 8; m += 1) h[m] = h[m] + s[m] | 0;
    }
    var out = new DataView(new ArrayBuffer(32));
    h.forEach(function (word, place) { out.setInt32(4 * place, word); });
    return new Uint8Array(out.buffer);
  }

  /* Of a key shorter than a block. */
  function hmac(key, text) {
    var utf = new TextEncoder(), plain = utf.encode(key);
    var padded = function (mask, rest) {
      var all = new Uint8Array(64 + rest.length);
      for (var n = 0; n < 64; n += 1) all[n] = (plain[n] || 0) ^ mask;
      all.set(rest, 64);
      return sha256(all);
    };
    return padded(0x5c, padded(0x36, utf.encode(text)));
  }

  function pack(bytes) {
    var text = '';
    bytes.forEach(function (byte) { text += String.fromCharCode(byte); });
    return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
  }

  function code(data, answers) {
    var rows = answers.map(function (one) { return [one.position, one.answer, one.revision, one.left]; });
    var told = JSON.stringify({ sitting: Number(data.sitting), phone: data.phone, answers: rows });
    var body = pack(new TextEncoder().encode(told));
    return 'MS1.' + body + '.' + pack(hmac(data.carry, 'carried:' + body).subarray(0, 24));
  }

  function copy(box) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(box.value);
    box.select();
    box.setSelectionRange(0, box.value.length);
    return document.execCommand('copy') ? Promise.resolve() : Promise.reject(new Error('copy'));
  }

  /* Shows it in the dialog of handing in: data of the page, answers as M.kept gives them. */
  M.carry = function (dialog, data, answers) {
    var text = data.who + '的答案码：\n' + code(data, answers), said = make('p', { class: 'hint', role: 'status' });
    var box = make('textarea', { class: 'in', rows: '4', readonly: '', 'aria-label': '答案码' });
    box.value = text;
    dialog.title(['请工作人员', '代交答案']);
    dialog.section.append(make('p', { id: 'ask-text' }, '这台手机还有 ' + answers.length +
      ' 题没有上传。把答案码发给监考或考务，由他们登记。只对你这份答卷有效，重复登记只算一次。'), box, said);
    dialog.section.append(dialog.button('复制答案码', 'btn-ink', function () {
      copy(box).then(function () { said.textContent = '已复制，可以粘贴到微信发出去。'; },
        function () { said.textContent = '没能复制，请长按上面的文字，全选后复制。'; });
    }));
    // The browser inside WeChat saves no files.
    if (!/MicroMessenger/.test(navigator.userAgent)) dialog.section.append(make('a', {
      class: 'btn btn-line', download: '答案码-' + data.who + '.txt', href: URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
    }, '下载答案文件'));
    dialog.section.append(dialog.button('关闭', 'btn-line', function () { dialog.layer.close(); }),
      make('p', { class: 'hint' }, '请先不要关闭本页：网络恢复后，仍会自动上传。'));
    dialog.layer.open(dialog.section.querySelector('h2'));
  };
})();
