"""How much the letters of a short text speak for one of two languages.

Each table has the n-grams of one to three letters that tell most, by weight: 1.5 times the natural
logarithm of how much likelier one is in the first language than in the second, counted over the
starter library and the pretend community of `modtui demo`, with one added to every count. `_` is an
end of a word. Positive weights speak for the first language.
"""

from __future__ import annotations

_POLISH_ENGLISH = {
    -7: """
        _th th
    """,
    -6: """
        _he _it _y _yo f_ he_ ll ng_ ou_ the ur ve yo you
    """,
    -5: """
        _is and ay ck ea ed_ ell ere ge he if ing ll_ me_ nd_ ng not or_ ou our rs se_
        tha thi ur_ v ver we_
    """,
    -4: """
        _ac _ar _as _ca _cl _de _if _of _on _pl _se _we _wh acc age ans ask ate av ave
        ay_ bod can cc cco ck_ cl cou ct ds ds_ ead eas ee ers ess ev eve g_ ge_ gh han
        hat her hi hin if_ ill in_ is_ it it_ ite ith ke lea llo lo lo_ los mes nd of_
        ome oo oun out p_ ple r_ rit se ss thr ti ts ts_ va ve_ wh wil wri
    """,
    -3: """
        _a _ag _an _f _fo _fr _h _ho _in _lo _ne _no _ou _so _ti ain ake all an_ ase at_
        ber ca ce_ clo d_ er_ es_ f for fr h ha hav hel his ho hre id ime iv iva l_ ly
        ly_ mbe n_ nce nsw of on_ ose ot_ ow_ pp rd_ re_ rea ri riv rou s_ so_ som sw
        swe te_ th_ tim umb unt ut_ vat we wit
    """,
    -2: """
        _a_ _co _ha _i _me _or _pa _re _wr ad_ ai co de el ep er et fo hr in is me nk_
        ns nt_ one op or pa pe pl re t_ un us_
    """,
    -1: """
        _b _c _e _l _r _t _to _wi ac ag al an as at be ce e e_ ed en_ g ic il k_ l ne no
        nt ot rt s so st_ t
    """,
    1: """
        _d _do _n _p _te ad do_ go i k li m m_ mo ny o_ od os ow p ry ta tr w wi y y_
    """,
    2: """
        _i_ _pi _po _si _sp a_ am br c_ da do em em_ era gr im od_ ont pi po raw ro sp
        sta tu wa ym
    """,
    3: """
        _gr _k _ka _pr aw dom go_ i_ ik mi my my_ ob osi pr pro ra rw si ty_ wat yt
    """,
    4: """
        _j _ja _ni _o_ _w_ _zg _zm _zn ado aj_ ale ami ane ani awd awi az_ b_ bez ci ci_
        dni dp dpo dze eg ek ek_ eni ez_ eż gd gł gło ier ią ięk j_ je_ jem ko_ kod kr
        kto ku_ mi_ moś moż na nap ni ni_ nić odp odz oni oso owa owi owy oz ość pie pom
        pot pry roz ryw ró sob sze szy taj tni tu_ tut ty tó tę uż wdz yc ym_ ywa za_
        zam zas ze_ zgł zię zm zmi zn zo zu zyt zł ów ów_ ęk ła_ łe łos ś_ śc ści
    """,
    5: """
        _kt _na _od _os _tu _ty _wy amy atn az ał aż bi bry cie cze czy dn dob ego ej
        ej_ emy ez eń eń_ eś eśl ia_ iad ien ień ić ić_ ię_ j ja je jes jeś ka kon ku
        li_ mie nia obi obr omo oż pis pow pra pł pła raz rob rzy sim się spr sł tn uj
        uje wa_ wd wia ych yta yw z_ zen zg zw zy_ ł_ łat ń ń_ śl śli ść ść_ ż_ że żn
    """,
    6: """
        _cz _dz _je _ko _za aj ać ać_ ie imy ię kt na_ oś prz ros rz rze sz wie wy zie
        zy ó ą ą_ ę_ ła ło
    """,
    7: """
        _z cz dz dzi ia ko nie za ze zi ć ć_ ę ł ś ż
    """,
    8: """
        ie_
    """,
    9: """
        z
    """,
}
_KAZAKH_RUSSIAN = {
    -7: """
        и_ о_ ч
    """,
    -6: """
        _и _на ва ли_ ни но ов ть ь
    """,
    -5: """
        _в _в_ _ва _зд _и_ _пр _ч _эт ае в в_ во вс го го_ др ени есл ис ите иш йте но_
        об ог ож пр рав сл сли ств сь сь_ ся тв то_ ть_ уй уйт че ши щ ь_ эт ё
    """,
    -4: """
        _во _вс _вы _до _з _за _ил _но _об _от _п _с_ _сч _че _чт _э авс аем ает ак апи
        ас_ ать бщ бще ваш ве ви вр вст ву вуй вы гр дес ди дн до дра его ез_ ест есь жн
        зак здр иб ие_ ил или им_ ит_ ить ич ичн иши йст ка_ ки ки_ кр ку лич лов луй ль
        мо мож му му_ мы_ ние ния ном нь общ ове ого ожа ой_ ок оль ом ом_ оме оо ооб оп
        оси ост отв оч пер пис пиш пож пом при про раз ро рос си сн соо стр сч счё ся_
        тве тву те_ тр тся уйс х_ ча чи чит чн чт что чё чёт шит ще щен ыв э это ёт
    """,
    -3: """
        _мо _по ав алу вер за зде и ие ит ли ло нн ос по ст ти то ю я_
    """,
    -2: """
        _ес _мы _н _не _сп _у ем_ жал им йс ка ко лу на о от пи ри сп ста т_ ше я
    """,
    -1: """
        _д _о _р _с ес ет_ й_ м_ не_ од п па ра с с_ со т те у х
    """,
    1: """
        _к _ме _т e а аб аз ал ам б да да_ ер ере ж з ла ме мы ол са се ш ы_
    """,
    2: """
        _б _бе _бо ад ала аны бе де_ ек_ еле жа ле ма мес р_ рм сы ты ша ы ым ыс
    """,
    3: """
        _а _ба _же _ша ай ама ан_ ар ары аты ба бе_ бол ек еме ерд з_ йл ке_ н_ нд се_
        тар
    """,
    4: """
        _ай _бұ _ж _жо _жі _жү _мұ _нө _ой _сі _тө _ха _ш _құ _ү _өт ада ады ай_ айд алм
        арл аса асы ау аға ақм бай бер бұ гін ды_ еді ейі ект ен_ ені ері есе еті еңі
        жат жау жер жі жү зг зды зш зға йд йта йын йі ке кен күн көм лар лт лы лың май
        мас мір мұ мұн нем ныс нін нө нөм ойы рай рд рме рін рғ сын сө тыр ті_ уап уы уі
        уғ уға ха хаб шт ызд ына ып ыры ыс_ ық_ іб ібе ізг ік іне іні іп ір_ ған қай қан
        қар қм қме қта құ үн үш ұн әр әрі өзі өме өмі
    """,
    5: """
        _ал _жа _жә _кү _кө _сұ _сә _ә _өз аба айм алы ап_ ар_ ау_ ауа ағ ағы ақы аң аңы
        бар біз бір ге_ гі дам дар ды ең жаз жек жә жән зге зді йм ймы йы кел кте кі кү
        кө лад лд лем лм лма лі мд мек мет нда ола оқ пт рақ рде рл рла рі_ сіз сұ сұр
        сә сәл тсі тт тың тін уа шы ші ып_ ық ізд іл ім_ ірі іңі ғы қ_ қал қт ң_ ұр ұра
        әл әле ән әне өз өм өт
    """,
    6: """
        _бі _ке _қо _ө ақ бі ге ді ді_ еке зі мыз мі ні п_ рі сі ті ын ын_ ыр ыңы ім ін_
        ің ға_ қо қы ңі ңіз
    """,
    7: """
        _қа ыз ыз_ ың і_ із із_ ін ір ғ ға қа ңы ңыз ү ұ ә ө
    """,
    8: """
        _қ ң
    """,
    9: """
        і қ
    """,
}


def _table(by_weight: dict[int, str]) -> dict[str, int]:
    return {
        ngram.replace("_", " "): weight
        for weight, ngrams in by_weight.items()
        for ngram in ngrams.split()
    }


POLISH_ENGLISH = _table(_POLISH_ENGLISH)
KAZAKH_RUSSIAN = _table(_KAZAKH_RUSSIAN)
