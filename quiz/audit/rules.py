"""Deeds in the words of those who look for them. Plain values only."""

from collections.abc import Mapping
from typing import Any

#: What a deed is called; one that is missing is shown by its code, and a test keeps any from missing.
WORDS = {
    "account.create": "新建账号",
    "account.edit": "改账号权限",
    "account.end_sign_in": "结束登录",
    "account.password": "改密码",
    "account.recovery": "用恢复码登录",
    "account.refused": "登录失败",
    "account.reset": "重置密码",
    "account.sign_in": "登录",
    "account.totp_off": "取消动态口令",
    "account.totp_on": "启用动态口令",
    "account.unlock": "解锁账号",
    "appeal.ask": "申请复核",
    "appeal.decide": "答复复核",
    "bank.export": "导出题库",
    "bank.import": "导入试题",
    "bank.import.close": "处理完导入文件",
    "bank.import.discard": "丢弃导入草稿",
    "bank.import.fix": "改导入的题",
    "bank.import.mapping": "指定导入的列",
    "bank.import.undo": "撤销导入",
    "bank.reviewed": "设定审题",
    "contest.join": "报名参加",
    "correction.apply": "更正试题",
    "correction.undo": "撤销更正",
    "draw.abandoned": "作废抽奖",
    "draw.agreed": "登记现场数",
    "draw.announced": "公示中奖名单",
    "draw.claimed": "领奖",
    "draw.closed": "结束抽奖",
    "draw.drawn": "开奖",
    "draw.excluded": "排除抽奖的人",
    "draw.included": "恢复抽奖的人",
    "draw.lapsed": "奖品按放弃处理",
    "draw.prepared": "新建抽奖",
    "draw.published": "公布抽奖名单",
    "draw.shown": "揭晓中奖",
    "exam.archive": "归档考试",
    "exam.batch": "分批安排时间",
    "exam.change": "改考试",
    "exam.conduct": "改答题与复核设置",
    "exam.copy": "复制考试",
    "exam.create": "新建考试",
    "exam.delete": "删除考试",
    "exam.end": "结束考试",
    "exam.list": "改参加名单",
    "exam.make_up": "安排补考",
    "exam.pause": "暂停考试",
    "exam.rehearse": "试考",
    "exam.restore": "取消归档",
    "exam.resume": "继续考试",
    "exam.room_off": "关闭考场口令",
    "exam.room_on": "启用考场口令",
    "exam.spec": "改抽题规则",
    "export.audit": "导出操作记录",
    "export.make_up": "导出补考名单",
    "export.scores": "导出成绩",
    "export.standings": "导出单位排名",
    "late.accept": "认定截止后的答案",
    "late.reject": "不计截止后的答案",
    "leave.approve": "批准请假",
    "leave.ask": "申请请假",
    "leave.decline": "不批准请假",
    "leave.withdraw": "撤回请假",
    "marking.count": "阅卷成绩计入",
    "marking.decide": "简答题改判",
    "marking.markers": "改几人评卷",
    "person.add": "加人",
    "person.edit": "改人员信息",
    "person.restore": "重新入册",
    "person.retire": "移出名册",
    "person.sign_out": "让手机退出",
    "practice.during-exam": "设定考试期间练习",
    "question.approve": "审定试题",
    "question.bulk": "批量改题",
    "question.create": "新写试题",
    "question.edit": "改试题",
    "question.merge": "合并试题",
    "question.restore": "恢复试题为草稿",
    "question.retire": "停用试题",
    "regulation.load": "载入法规",
    "regulation.remove": "删除法规",
    "regulation.repeal": "废止法规",
    "roster.ask": "单位提出更正",
    "roster.decline": "不核准更正",
    "roster.grant": "核准更正",
    "roster.import": "导入名册",
    "sitting.extend": "延时",
    "sitting.extra_time": "预先加时",
    "sitting.pack": "导出复核材料",
    "sitting.restore": "恢复答卷",
    "sitting.void": "作废答卷",
    "standings.decide": "改榜单设置",
    "standings.freeze": "封榜",
    "standings.head": "改应参人数",
    "standings.move": "改计单位",
    "standings.publish": "公布名次",
    "standings.reveal": "开始放榜",
    "standings.reveal_over": "结束放榜",
    "standings.schedule": "定封榜时间",
    "standings.wall": "改大屏轮播",
    "unit.create": "新建单位",
    "unit.edit": "改单位",
    "unit.restore": "恢复单位",
    "unit.retire": "停用单位",
}
#: The parts a deed's code begins with, for what WORDS does not name.
KINDS = {
    "account": "账号",
    "appeal": "复核",
    "bank": "题库",
    "contest": "竞赛",
    "correction": "更正",
    "draw": "抽奖",
    "exam": "考试",
    "export": "导出",
    "late": "截止后的答案",
    "leave": "请假",
    "marking": "阅卷",
    "person": "人员",
    "practice": "练习",
    "question": "试题",
    "regulation": "法规",
    "roster": "名册",
    "sitting": "答卷",
    "unit": "单位",
}
_DETAILS = {
    "active": "在用",
    "address": "地址",
    "after": "改成",
    "back": "恢复原样",
    "bank": "题库",
    "before": "原来",
    "changed": "更新",
    "changed_since": "后来又改过",
    "copies": "另存",
    "count": "数量",
    "fields": "改了",
    "file": "文件",
    "first": "原场次",
    "format": "格式",
    "import_id": "导入编号",
    "imported": "入库",
    "kept": "保留",
    "left": "待处理",
    "new": "新增",
    "person": "人员编号",
    "persons": "人数",
    "reason": "原因",
    "removed": "去掉",
    "replaced": "替换",
    "role": "角色",
    "rows": "行数",
    "sha256": "指纹",
    "title": "名称",
    "unit": "单位",
    "unit_changes": "换单位",
}
LONGEST_DETAIL = 300


def words(what: str) -> str:
    """新建考试 for exam.create; 考试：exam.other for what has no words yet."""
    return WORDS.get(what) or f"{KINDS.get(what.partition('.')[0], '其他')}：{what}"


def detail_words(detail: Mapping[str, Any]) -> str:
    """The detail of a deed on one line, cut where it is long."""
    said = "，".join(
        f"{_DETAILS.get(key, key)} {_value(value)}" for key, value in detail.items() if value != ""
    )
    return said if len(said) <= LONGEST_DETAIL else said[:LONGEST_DETAIL] + "…"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_value(one) for one in value if one != "") or "无"
    if isinstance(value, Mapping):
        return "、".join(f"{key} {_value(one)}" for key, one in value.items()) or "无"
    return str(value)
