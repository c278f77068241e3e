"""The fixed parts of the exercise book's .docx: styles, footer and how the parts belong together."""

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WORDS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"

CONTENT_TYPES = f"""{_HEAD}<Types xmlns="{_PACKAGE}/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
<Override PartName="/word/document.xml" ContentType="{_TYPE}.document.main+xml"/>\
<Override PartName="/word/styles.xml" ContentType="{_TYPE}.styles+xml"/>\
<Override PartName="/word/settings.xml" ContentType="{_TYPE}.settings+xml"/>\
<Override PartName="/word/footer1.xml" ContentType="{_TYPE}.footer+xml"/></Types>
"""
RELATIONS = f"""{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">\
<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>
"""
WORD_RELATIONS = f"""{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">\
<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/>\
<Relationship Id="rId2" Type="{_OFFICE}/footer" Target="footer1.xml"/>\
<Relationship Id="rId3" Type="{_OFFICE}/settings" Target="settings.xml"/></Relationships>
"""
#: Laid out as by today's programs: the older ways part a question from its options.
SETTINGS = f"""{_HEAD}<w:settings {_WORDS}><w:compat><w:compatSetting w:name="compatibilityMode" \
w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>
"""
FOOTER = f"""{_HEAD}<w:ftr {_WORDS}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>\
<w:r><w:t xml:space="preserve">— </w:t></w:r>\
<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>\
<w:r><w:t xml:space="preserve"> —</w:t></w:r></w:p></w:ftr>
"""


def _fonts(chinese: str) -> str:
    latin = "Times New Roman"
    return f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:cs="{latin}" w:eastAsia="{chinese}"/>'


def _style(name: str, label: str, paragraph: str, run: str = "") -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{label}"/><w:basedOn w:val="Normal"/>'
        f"<w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


def _size(half_points: int) -> str:
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


def _tabs(*places: int) -> str:
    stops = "".join(f'<w:tab w:val="left" w:pos="{place}"/>' for place in places)
    return f"<w:tabs>{stops}</w:tabs>"


_LINE = '<w:spacing w:before="0" w:after="0" w:line="{line}" w:lineRule="auto"/>'

#: 仿宋 for the text, 黑体 for headings, 小四 (12 pt) on one and a half lines.
STYLES = (
    f"{_HEAD}<w:styles {_WORDS}><w:docDefaults><w:rPrDefault><w:rPr>{_fonts('仿宋')}{_size(24)}"
    '<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
    f"<w:pPr>{_LINE.format(line=340)}</w:pPr></w:style>"
    + _style(
        "Title",
        "Title",
        '<w:spacing w:before="0" w:after="240"/><w:jc w:val="center"/>',
        f"{_fonts('方正小标宋简体')}{_size(44)}",
    )
    + _style(
        "Heading1",
        "heading 1",
        '<w:keepNext/><w:spacing w:before="240" w:after="80"/><w:outlineLvl w:val="0"/>',
        f"{_fonts('黑体')}{_size(28)}",
    )
    + _style(
        "Question",
        "Question",
        f'<w:keepLines/>{_tabs(2600, 4780, 6960)}<w:spacing w:before="80" w:after="0"/>'
        '<w:ind w:left="420" w:hanging="420"/>',
    )
    + _style("Keys", "Keys", f"{_tabs(1814, 3628, 5442, 7256)}{_LINE.format(line=300)}", _size(21))
    + _style(
        "Note", "Note", '<w:spacing w:before="20" w:after="0" w:line="290" w:lineRule="auto"/>', _size(21)
    )
    + _style(
        "Answer",
        "Answer",
        '<w:pBdr><w:bottom w:val="dotted" w:sz="4" w:space="1" w:color="808080"/>'
        '<w:between w:val="dotted" w:sz="4" w:space="1" w:color="808080"/></w:pBdr>',
    )
    + _style("Footer", "footer", '<w:jc w:val="center"/>', _size(18))
    + "</w:styles>\n"
)
