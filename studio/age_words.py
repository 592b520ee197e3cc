"""Words for an age under eighteen, in every form and in the languages people write prompts in.

Each is looked up in text that was folded first (`studio.phrases.folded`): small letters, half
width, composed. Words that mean something else besides as often (German "Kind", French "ado",
Spanish "nina" without its tilde) are left out.
"""

import re

_ENGLISH = (
    r"child(?:ren)?|kid(?:do|die)?s?|minors?|under-?aged?|(?:pre-?)?teen(?:s|aged?|agers?)?|"
    r"tweens?|tweenies|toddlers?|infants?|newborns?|bab(?:y|ies)|preschoolers?|"
    r"kindergart(?:en|en+ers?|ners?)|"
    r"school-? ?(?:girl|boy|kid)s?|school-? ?child(?:ren)?|adolescents?|juveniles?|youngsters?|"
    r"girls?|boys?|lolis?|lolitas?|lolicons?|shotas?|shotacons?|"
    r"(?:elementary|primary|grade|middle|junior high|high)[ -]school(?:ers?)?"
)
_NUMBER = r"(?<!\d)(?<!\d[.,])(?:0?\d|1[0-7])(?:[.,]5)?"
_SPELLED = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen)"
)
_OLD = (
    r"[ -]?(?:years?|yrs?|months?|weeks?)[ -]?(?:old(?:s|er)?|young|of age)|"
    r"[ -]?(?:y\.? ?/?o\.?|yrs?|y)s?|[ -](?:ans|años|anni|jahren?|jaar|лет|года?)|"
    r"[ -]?jährig\w*"
)
_AGES = (
    rf"{_NUMBER}(?:{_OLD})|{_SPELLED}[ -](?:years?|yrs?|months?|weeks?)[ -](?:olds?|young|of age)|"
    rf"age[ds]?:? (?:of )?(?:{_NUMBER}|{_SPELLED})(?!\d)|"
    r"(?:under|below|younger than)(?: the age of)? (?:18|eighteen)(?!\d)"
)
_EUROPE = (
    r"kinder(?:n|s)?|kindes|(?:klein|schul)kind(?:er|ern|es|s)?|(?:schul)?mädchens?|"
    r"minderjährig\w*|jugendliche[nrs]?|säugling\w*|teenie?s?|"
    r"enfants?|fillettes?|petites? filles?|garçon(?:net)?s?|bébés?|adolescente?s?|mineure?s?|"
    r"niñ[oa]s?|niñit[oa]s?|bebés?|menor(?:es)? de edad|adolescentes?|colegiala?s?|"
    r"criança?s?|criancas?|menin[oa]s?|bebês?|bambin[oaie]|ragazzin[oaie]|minorenn[ei]|"
    r"kinderen|meisjes?|jongetjes?|kleuters?|peuters?|minderjarige?n?|"
    r"dzieck[oa]|dzieci\w*|dziewczyn(?:ka|ki|ek|ką|kę)|chłopc\w*|chłopiec|çocuk\w*|"
    r"реб[её]н(?:ок|к\w*)|дет(?:и|ей|ям|ьми|ях)|детск\w+|девоч(?:ек|к\w*)|мальчик\w*|"
    r"подрост(?:ок|к\w*)|школьни[кц]\w*|несовершеннолетн\w*|малолетн\w*|младен(?:ец|ц\w*)"
)
_EAST = (
    r"[儿兒児]童|孩子|小孩|孩童|女孩|男孩|孩[儿兒]|未成年|幼[女童儿兒児齿齒]|[女男学學]童|少[女年儿兒]|"
    r"[学學]生妹|[婴嬰]|[宝寶]{2}|小朋友|小[学學]生|[初高国國][中校]生|[初高]中[学學]生|中[学學]生|"
    r"小[女男]生|小姑娘|小[妹弟]{2}|小[妹弟](?![妹弟])|[萝蘿]莉|正太|小?[女男奶]娃|小娃|稚[童女]|"
    r"[女男]児|園児|子供|子ども|こども|女の子|男の子|赤ちゃん|赤ん坊|ロリ|ショタ|女子[中高]生|"
    r"(?<!\d)(?:\d|1[0-7]) ?(?:[周週]?[岁歲歳才]|[个個]月大|살|세(?![기계]))|"
    r"(?<![一二两兩三四五六七八九十百零廿卅])(?:十[一二三四五六七]?|[一二两兩三四五六七八九])"
    r"(?:[周週]?[岁歲歳]|[个個]月大)|[未不][满滿] ?(?:18|十八) ?[周週]?[岁歲歳]|"
    r"어린이|아동|소녀|소년|미성년|청소년|아기|유아|여자 ?아이|남자 ?아이|초등학생|중학생|고등학생|"
    r"여[고중]생|طفل|أطفال|اطفال|बच्च"
)
_LETTER = "a-zß-öø-žа-яё"
MINOR = re.compile(
    rf"(?<![{_LETTER}])(?:(?:{_ENGLISH}|{_EUROPE})(?:'?s)?|{_AGES})(?![{_LETTER}])|{_EAST}"
)
