/**
 * Forms of English words that stemming cannot reduce to one word: irregular verbs and plurals, and second spellings of
 * common words.
 *
 * @module
 */

/**
 * Each group is a word and its other forms. Forms that are as often another word ("ground", "lives", "leaves") are left
 * out.
 */
const FORMS =
  `arise arose arisen|awake awoke awoken|bear bore borne|beat beaten|become became|begin began begun|bend bent|\
bind bound|bite bit bitten|bleed bled|blow blew blown|break broke broken|breed bred|bring brought|build built|\
burn burnt|buy bought|catch caught|choose chose chosen|cling clung|come came|creep crept|deal dealt|dig dug|\
draw drew drawn|dream dreamt|drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|feed fed|feel felt|\
fight fought|find found|flee fled|fly flew flown|forbid forbade forbidden|forget forgot forgotten|\
forgive forgave forgiven|freeze froze frozen|give gave given|go went gone|grow grew grown|hang hung|hear heard|\
hide hid hidden|hold held|keep kept|kneel knelt|know knew known|lead led|lean leant|leap leapt|learn learnt|\
leave left|lend lent|light lit|lose lost|make made|mean meant|meet met|mistake mistook mistaken|pay paid|\
ride rode ridden|ring rang rung|rise rose risen|run ran|say said|see saw seen|seek sought|sell sold|send sent|\
sew sewn|shake shook shaken|shine shone|shoot shot|show shown|shrink shrank shrunk|sing sang sung|sink sank sunk|\
sit sat|sleep slept|slide slid|smell smelt|speak spoke spoken|speed sped|spell spelt|spend spent|spill spilt|\
spin spun|spoil spoilt|spring sprang sprung|stand stood|steal stole stolen|stick stuck|sting stung|\
strike struck|strive strove|swear swore sworn|sweep swept|swim swam swum|swing swung|take took taken|teach taught|\
tear tore torn|tell told|think thought|throw threw thrown|understand understood|wake woke woken|wear wore worn|\
weave wove woven|weep wept|win won|withdraw withdrew withdrawn|write wrote written|\
child children|man men|woman women|person people|foot feet|tooth teeth|mouse mice|goose geese|wife wives|\
knife knives|shelf shelves|half halves|wolf wolves|loaf loaves|thief thieves|\
color colour|favorite favourite|neighbor neighbour|behavior behaviour|flavor flavour|honor honour|humor humour|\
labor labour|center centre|theater theatre|gray grey|mom mum|jewelry jewellery|pajamas pyjamas|tire tyre|cozy cosy`;

const LEMMAS: ReadonlyMap<string, string> = new Map(
  FORMS.split("|").flatMap((group) => {
    const [lemma, ...forms] = group.split(" ");
    return forms.map((form): [string, string] => [form, lemma!]);
  }),
);

/** Returns the base form of an irregular form; any other word unchanged. */
export function lemmaOf(word: string): string {
  return LEMMAS.get(word) ?? word;
}
