"""How much the letters of a short text speak for one of two languages.

Each table has the n-grams of one to three letters that tell most, by weight: 1.5 times the natural
logarithm of how much likelier one is in the first language than in the second, counted over the
starter library and the pretend community of `modtui demo`, with one added to every count; the first
language counts twice, as it is written and as it is typed without its own letters. `_` is an end of
a word. Positive weights speak for the first language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

_REMEMBERED = 1024

_POLISH_ENGLISH = {
    -9: """
        _th
    """,
    -8: """
        the
    """,
    -7: """
        _it _y _yo f_ g_ he_ ng th
    """,
    -6: """
        _of ead ed_ ere hat her ing ll ll_ ng_ not of_ ou_ rs se_ tha thi thr ur ve
    """,
    -5: """
        _ac _ar _as _at _cl _de _if _is _ne _on _se _wh acc and ann app ay_ bod can cc
        ck ck_ com cou ct ds_ ea eas ee ell end ers ev eve han he hi hin hre if if_ ill
        ith ld lea mm nd nd_ ome omm oo ou our pen pp ret rit ss ur_ v ve_ ver wh wha
        wri yo you
    """,
    -4: """
        _ag _ca _di _ev _fi _fr _ho _ou _q _qu af age ain ake all ask at_ atf av ave ay
        be_ ber cco clo di ds ect epo ess et_ ete etu ey ey_ fr ge_ gh hap hav his ho id
        id_ in_ ir is_ it it_ ite ive ke ld_ llo mb mbe me_ mmu mun nce nin nit ns_ nsw
        of old om_ or_ ort ose oth ple ppe rea rep rm_ rn rn_ rou rs_ se sh so_ som swe
        tf tfo ti ts ts_ tur urn va was we_ wil
    """,
    -3: """
        _a _an _f _fo _he _in _la _lo _no _or _pl _so _we ad_ an_ ca ce_ cl co d_ es_ et
        f fo for h ha hen hr iv on_ one ot_ oun out r_ re_ ri s_ sw t_ unt ut_ we whe
    """,
    -2: """
        _a_ _co _h _i _re de el er_ ge in is l_ n_ or pe pl pos re rt te_ un wit
    """,
    -1: """
        _r _t an at e e_ er l lo me ne no t
    """,
    1: """
        _d _n _p am i k m o_ od p po ta wi y y_
    """,
    2: """
        _do _i_ _po _pr a_ do em im mi os pi pr ro si sp wa
    """,
    3: """
        _gr _k _sp aw br da eg em_ eni era go_ gr ic_ ni ob pro ra raw
    """,
    4: """
        _gd _j _na ami ane ani asz aż c_ ci cie daj dam dzw edz ej ek_ eku ezp eń_ gdy
        god i_ ier ień ik isa je ki_ kt_ la_ ln lub ma_ moz my my_ na naj nas nyc osi
        owi oż pie pra py pł pła ra_ rdz rw sc_ sie sli stw sł tam tk wd yc yl ze_ ł_ ż_
        żn
    """,
    5: """
        _ja _ka _kt _ni _o_ _os _ty _zg _zm _zn _zr ada ado adr adz aj_ akt ale api awd
        awi az_ ał b_ bez bi bie bry ci_ cza dn dni dob dp dpo dze ecz ek esl esz ez_ eń
        eś eśl gd iad iec iej iek iem ić ić_ ię_ j j_ jak je_ jem jeś ko_ kod kr kto ku_
        kuj mie moc nap ni_ obi obr oc_ odp odz oni osc oso osz owa owy oś pod pom pot
        pry rob roz ryw się sob su_ sze szy taj tni tu_ tut ud wdz ych yg ym_ yw ywa za_
        zad zam zas zg zia zl zm zmi zna zp zr zu zyt ó ą_ ła ło ń ń_ śl śli
    """,
    6: """
        _cz _od _tu _w_ _wy ac_ amy atn az ać ać_ cze czy ego ej_ emy ez ia ia_ ie ien
        ię ja jes ka kon kt ku li_ nia omo oz pis pow prz raz rze rzy sim spr tn uj uje
        wa_ wia yta z_ ze zen zn zw zy_ ą ę_
    """,
    7: """
        _dz _je _ko _z _za aj imy ko na_ ros rz sz wie wy zie zy ć ć_ ę ł ś ż
    """,
    8: """
        cz dz dzi nie z za zi
    """,
    9: """
        ie_
    """,
}
_KAZAKH_RUSSIAN = {
    -8: """
        о_ ч
    """,
    -7: """
        _на ть ть_
    """,
    -6: """
        _в _зд _и_ _ч _э _эт ае в_ ва во вс го го_ др есл ите йте мо мы_ но_ ов ож пр
        при ро сл сли ств сь сь_ ся тв то_ уйт че щ ь ь_ э эт ё
    """,
    -5: """
        _в_ _ва _во _вс _вы _до _за _и _ил _мо _об _п _пр _с_ _че _чт авс аем ает апи
        ас_ ать бо_ бщ бще в ви вст ву вуй вы гд гр дес до дра его ез_ ест есь жн здр
        ибо ие_ ит_ ить ич ичн иши йст кр лич луй мож му_ ние ния нь об общ ове ожа ой_
        оль ом_ оо ооб оси ост отв пис пиш пож про рав раз рос сн соо сч ся_ тве тву тр
        тся уй уйс х_ ча чи чит чн чт что шит ще щен ыв это ёт
    """,
    -4: """
        _вр _з _пе _пи _по _сн _ср _сч аж акр алу анн без ваш ве вет воп вр вре вы_ гда
        дел дит дл дн ень еч жно зак зн ид ий ий_ иса ит ита кры кто ли_ ло_ лов ль лю
        ля нит нны но нов ные ня ова ого оди оже ожн ому опр оч пер пл пла по пом пос
        ра_ ров сиб ср сть счё те_ хо чер чё чёт шл ые ые_ ый ый_ ю ю_ я_ ят ё_ ёт_
    """,
    -3: """
        _сп ав аси вер же_ за зде ие ис иш йс ли ло нн ог оп ос пас тор
    """,
    -2: """
        _д _ес _мы _н _не _от ем_ ени жал и_ лу о ом от сп ст ста т_ то я
    """,
    -1: """
        ес и м_ на ни п с т те
    """,
    1: """
        а ан б ж з к ла ме ны са ш ы_
    """,
    2: """
        _б _бо _же _к _ка _са ад ала бе би жа зи ин ир ле ма р_ рм се сы тар ты ша ы ым
        ыс
    """,
    3: """
        _а _ба _ку _ша ада ай айл ама ан_ аны ар аты ау ба бе_ бол дер ек еме ерд з_ из
        из_ ин_ ини йл ке_ лай н_ нд нем ру_ се_ ур
    """,
    4: """
        _ай _ар _ер _еш _ж _жо _кү _кө _му _оз _ой _ол _сұ _сә _уа _ха _ш _шы _ә _өз ады
        ай_ айд айы акы алд алм амд арл аса асы ауы ағ ақы аң аңы бай бер биз біз бір га
        га_ ген гер гы гі дар ди_ ды_ екс ект елт ен_ енж етт ең жан жас жат жау жер зг
        зди зды зді зш зшы изд ири ияс йд йды йла йта йын кал ке кен кс кте кі кү кө лар
        лды лт лы май мын нж ныс ойы оқ пия рай рак рақ рг рд рл рла рме рын рып рі_ сиз
        сур сын сіз сұ сұр сә сәл тек тин тыр тін уап ура уы ха хаб шт шы_ ші ызд ызш ык
        ына ынд ып ыра ыры ық ізд іл ім_ ірі ің іңі ғы қ_ қал қт ң_ ұр ұра әл әле өз өм
        өт
    """,
    5: """
        _ал _би _бі _жа _қо _ө аба айм алы ап_ ар_ ау_ ауа ақ бар бі ге_ дам ды ді ді_
        еке есе жаз жек зге зі йм ймы йы кел кы лад лд лем лм лма мас мд мек мет мі нда
        низ ні ола пт рде рі сі тт тын ті уа шы ыны ып_ ың ыңы із_ ім ін_ ға_ қо қы ңі
        ңіз ү
    """,
    6: """
        _ке _қ _қа ге мыз ныз п_ ын_ ыр і_ із ін ір ғ ға қа ңы ңыз ұ ә ө
    """,
    7: """
        ыз ыз_ ын қ ң
    """,
    9: """
        і
    """,
}


class NGrams:
    """How much words speak for the first language of a table. What a word says is remembered: most
    of a text are words that other texts have as well."""

    def __init__(self, by_weight: Mapping[int, str]) -> None:
        self.weights = {
            ngram.replace("_", " "): weight
            for weight, ngrams in by_weight.items()
            for ngram in ngrams.split()
        }
        self._remembered = lru_cache(_REMEMBERED)(self._word)

    def said_by(self, words: Sequence[str]) -> int:
        """Return what `words` say, below 0 for the second language; the end of the last counts
        twice."""
        if not words:
            return 0
        return sum(map(self._remembered, words)) + self.weights.get(f"{words[-1][-1]} ", 0)

    def _word(self, word: str) -> int:
        said, get = f" {word} ", self.weights.get
        pairs = sum(get(said[at : at + 2], 0) for at in range(len(said) - 1))
        triples = sum(get(said[at : at + 3], 0) for at in range(len(said) - 2))
        return pairs + triples + sum(get(letter, 0) for letter in word)


POLISH_ENGLISH = NGrams(_POLISH_ENGLISH)
KAZAKH_RUSSIAN = NGrams(_KAZAKH_RUSSIAN)
