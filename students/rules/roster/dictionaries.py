"""What the national dictionaries' words and codes mean in a cell (`domain.md` §C.8)."""

import re

# 2住校, 2-住校 and B-户口簿 are how dictionaries of the national system print a value.
CODE = re.compile(r"(?:[0-9]{1,2}\s*[-－—–.、]?|[A-Za-z]\s*[-－—–.、])\s*(?=\S)")
RURAL = ("农村", "农业", "农业户口", "农村户口", "乡村", "农业家庭户口", "农村（含县镇）")
URBAN = ("城镇", "城市", "非农业", "非农业户口", "非农", "城镇户口", "非农业家庭户口")
# Of longer words the first that is found tells: 非农 before 农. 居民户口 by itself tells nothing:
# that registration no longer knows the difference.
HOUSEHOLD_WORDS = {
    "非农": "urban", "非城": "rural", "农转非": "urban", "农转居": "urban", "农": "rural",
    "乡": "rural", "城": "urban", "镇": "urban",
}  # fmt: skip
MARKS = re.compile(r"[\W_]+")
NOTHING = ("无", "没有", "暂无", "NA", "NULL", "NONE", "无证件", "无身份证")
# What says neither, or only where the household is registered.
NEITHER = ("其他", "其它", "未知", "不详", "半寄宿", "未落户")
DAY = ("走读", "1", "否", "走读生", "不住校", "不寄宿", "非寄宿", "通校")
BOARDER = (
    "住校", "2", "是", "住校生", "寄宿", "寄宿生", "住读", "住宿", "住宿生", "借宿", "全寄宿",
)  # fmt: skip
HOUSEHOLDS = dict.fromkeys(RURAL, "rural") | dict.fromkeys(URBAN, "urban")
BOARDINGS = dict.fromkeys(DAY, "day") | dict.fromkeys(BOARDER, "boarder")
# Where the heading asks 是否住校, codes answer it instead of telling 1走读 from 2住校.
WHETHER_BOARDING = BOARDINGS | {"1": "boarder", "0": "day"}
del WHETHER_BOARDING["2"]

YES = ("是", "有", "Y", "YES", "√", "✓", "TRUE", "属于")
NO = ("否", "无", "不是", "没有", "N", "NO", "FALSE", "×", "不属于", "0")
TRUTHS = dict.fromkeys(YES, True) | dict.fromkeys(NO, False)
# 0 非留守, 1 单亲留守, 2 双亲留守.
LEFT_BEHIND = TRUTHS | {
    "1": True, "2": True,
    "留守": True, "留守儿童": True, "单亲留守儿童": True, "双亲留守儿童": True,
    "单亲留守": True, "双亲留守": True,
    "农村留守儿童": True, "非留守儿童": False, "非留守": False,
}  # fmt: skip
# 1 for 是, in other editions 1 外省迁入 and 2 本省外县迁入.
MIGRANT = TRUTHS | {
    "1": True, "2": True,
    "随迁": True, "随迁子女": True, "进城务工人员随迁子女": True, "外来务工人员随迁子女": True,
    "本省外县迁入": True, "外省迁入": True, "非随迁子女": False, "非随迁": False,
}  # fmt: skip
# How a cell says that there is no disability, and what every kind's name has a part of.
UNIMPAIRED = re.compile(
    r"0+|否|N|NO|FALSE|(?:身体)?(?:正常|健康|健全|良好|健康或良好|一般或较弱)"
    r"|(?:非|没有|没|无|不是|不|未|未发现|未见)(?:任何)?(?:残疾|疾病|异常)(?:人|儿童|学生|情况|类型)?"
)
# 无明显残疾, 肢体残疾（非本人）: whether somebody is disabled is not to be guessed from these.
UNSURE = re.compile("无|没有|非|未|否|正常|健康")
IMPAIRMENT = re.compile("残|视力|听力|言语|语言|肢体|智力|精神|多重|聋|哑|盲|自闭|孤独症|脑瘫|发育")
AGRI = TRUTHS | {
    "1": True, "涉农": True, "涉农专业": True, "非涉农": False, "非涉农专业": False,
}  # fmt: skip

# GB/T 3304, from 01; what is written in words stays as it is written.
PEOPLES = (
    "汉族", "蒙古族", "回族", "藏族", "维吾尔族", "苗族", "彝族", "壮族", "布依族", "朝鲜族",
    "满族", "侗族", "瑶族", "白族", "土家族", "哈尼族", "哈萨克族", "傣族", "黎族", "傈僳族",
    "佤族", "畲族", "高山族", "拉祜族", "水族", "东乡族", "纳西族", "景颇族", "柯尔克孜族",
    "土族", "达斡尔族", "仫佬族", "羌族", "布朗族", "撒拉族", "毛南族", "仡佬族", "锡伯族",
    "阿昌族", "普米族", "塔吉克族", "怒族", "乌孜别克族", "俄罗斯族", "鄂温克族", "德昂族",
    "保安族", "裕固族", "京族", "塔塔尔族", "独龙族", "鄂伦春族", "赫哲族", "门巴族", "珞巴族",
    "基诺族",
)  # fmt: skip
ETHNICITIES = {f"{n:02d}": name for n, name in enumerate(PEOPLES, 1)} | {
    "97": "其他",
    "98": "外国血统中国籍人士",
}
# What is written where none of them is meant, beside the dictionary's own words.
OTHER_PEOPLES = {
    "其它": "其他", "其他民族": "其他", "外国血统": "外国血统中国籍人士",
    "外国血统中国籍": "外国血统中国籍人士", "外国血统入籍": "外国血统中国籍人士",
}  # fmt: skip
# Identity cards print these too.
UNRECOGNISED = ("穿青人", "革家人", "摩梭人", "未识别民族", "未定族称人口", "入籍")
PEOPLES_KNOWN = frozenset((*ETHNICITIES.values(), *UNRECOGNISED))
# GB/T 4762 in the words that forms print; 少先队员 has no code in it.
POLITICAL = (
    "中共党员", "中共预备党员", "共青团员", "民革党员", "民盟盟员", "民建会员", "民进会员",
    "农工党党员", "致公党党员", "九三学社社员", "台盟盟员", "无党派人士", "群众",
)  # fmt: skip
PIONEER = "少先队员"
# Students' own first.
POLITICAL_CHOICES = ("群众", PIONEER, "共青团员", "中共预备党员", "中共党员", *POLITICAL[3:-1])
POLITICAL_WORDS = (
    {f"{n:02d}": word for n, word in enumerate(POLITICAL, 1)}
    | {str(n): word for n, word in enumerate(POLITICAL, 1)}
    | {word: word for word in (*POLITICAL, PIONEER)}
    | dict.fromkeys(("党员", "中国共产党党员", "共产党员"), "中共党员")
    | dict.fromkeys(("预备党员", "中国共产党预备党员"), "中共预备党员")
    | dict.fromkeys(("团员", "共青团", "中国共产主义青年团团员"), "共青团员")
    | dict.fromkeys(("少先队", "中国少年先锋队队员", "少年先锋队员", "红领巾"), PIONEER)
    | {"无党派民主人士": "无党派人士", "普通公民": "群众"}
)
# GB/T 4761, those of whom a guardian is one.
RELATIONS = {
    "51": "父亲", "52": "母亲", "57": "继父或养父", "58": "继母或养母",
    "61": "祖父", "62": "祖母", "63": "外祖父", "64": "外祖母",
    "71": "哥哥", "73": "弟弟", "75": "姐姐", "77": "妹妹",
}  # fmt: skip


def says_nothing(text: str) -> bool:
    """Whether a cell is filled only so that it is not empty: 无, /, ——, N/A."""
    if text.isalnum():
        return text.upper() in NOTHING
    plainer = MARKS.sub("", text).upper()
    return not plainer or plainer in NOTHING
