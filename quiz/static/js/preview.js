/* Shows the question the organiser is writing with the phone's own code. */
(function () {
  'use strict';
  var M = window.Mingshi;
  var question = new M.Question(document.getElementById('question'), '可选多项。计分方法由考试决定。', function () {});

  M.preview = function (item) {
    document.getElementById('kind').textContent = M.KINDS[item.kind] + (item.points ? ' · ' + item.points + ' 分' : '');
    question.show(item, []);
  };
})();
