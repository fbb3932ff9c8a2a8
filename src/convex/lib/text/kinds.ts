/**
 * Kinds of things that people talk about, so that "Which pets does she have?" finds a message about a puppy.
 *
 * A row's search text contains the kinds of its words; a question that names a kind searches for the kind besides the
 * word. A short list of everyday English, not a thesaurus: what is missing is found by its words or its embedding.
 *
 * @module
 */

/**
 * Each line: words that name a kind, and further words of that kind. Written as stems, because stemming them when the
 * module loads would take a tenth of an engine's start.
 */
const KINDS = `\
pet anim: dog puppi pup cat kitten kitti bird parrot hamster rabbit bunni fish turtl tortois lizard snake hors poni ferret goldfish
child kid offspr: son daughter babi toddler boi girl infant teenag newborn twin
parent famili rel: mother mom dad father brother sister sibl aunt uncl cousin grandmoth grandma grandfath grandpa nephew niec wife husband son daughter
spous partner: wife husband fianc fiance girlfriend boyfriend
instrument music musician: guitar piano violin drum flute cello saxophon trumpet clarinet ukulel banjo keyboard bass harp song band concert album sing melodi orchestra
sport exercis fit workout athlet: soccer footbal basketbal basebal tenni golf swim run jog hike hockei volleybal yoga gym cycl bike ski skate surf climb box karat marathon race rugbi cricket pilat badminton
hobbi pastim activ leisur: paint draw read garden cook bake knit photographi fish hike camp danc sing potteri chess puzzl craft sew carv travel run swim game
art artwork artist: paint draw sculptur sketch canva galleri mural exhibit museum portrait watercolor potteri ceram
craft handmad: knit sew crochet potteri woodwork carv embroid quilt weav ceram
book read author literatur: novel stori fiction biographi memoir poem poetri chapter seri librari writer
movi film watch: cinema documentari comedi drama thriller seri episod theater
game plai: chess puzzl board card consol poker trivia
food meal eat dish cuisin: breakfast lunch dinner pizza pasta soup salad bread cake cooki rice chicken beef fish veget fruit sushi taco curri sandwich burger steak chees noodl dessert chocol snack restaur recip cook bake pie
drink beverag: coffe tea water juic wine beer cocktail soda milk smoothi
dessert sweet: cake cooki pie ic cream chocol browni cupcak pastri muffin pud candi
job work career profess occup employ: engin teacher nurs doctor lawyer develop programm manag account chef artist writer design boss colleagu offic compani promot hire interview busi internship
studi educ school degre: univers colleg class cours student exam graduat diploma professor teacher lectur learn homework major thesi certif
health medic ill condit: doctor hospit sick diseas surgeri medicin therapi diagnos pain injuri allergi asthma diabet cancer fever headach clinic treatment anxieti depress
injuri hurt: sprain fractur break accid ankl knee wrist cast bruis
emot feel mood: happi sad angri anxiou nervou excit proud scare afraid lone grate stress joi worri upset frustrat relief depress
travel trip vacat holidai visit: flight plane hotel airport beach train tour cruis abroad passport journei fly road destin luggag getawai
countri nation abroad foreign: franc spain itali germani england britain ireland scotland portug greec poland netherland sweden norwai denmark switzerland austria turkei japan china india thailand vietnam korea indonesia philippin singapor malaysia taiwan nepal canada mexico brazil argentina peru chile colombia egypt morocco kenya nigeria australia africa america
europ european: franc spain itali germani england britain ireland scotland portug greec poland netherland sweden norwai denmark switzerland austria
asia asian: japan china india thailand vietnam korea indonesia philippin singapor malaysia taiwan nepal
citi place town locat: london pari rome berlin madrid tokyo york chicago boston seattl angel francisco toronto sydnei barcelona amsterdam dublin vienna pragu lisbon
natur outdoor: forest mountain beach lake river hike camp park ocean sea trail tree waterfal desert vallei wildlif
venu place: cafe restaur park beach museum librari gym studio shop store market mall church theater stadium
home hous live resid: apart flat room condo rent mortgag neighborhood landlord roommat move kitchen bedroom
vehicl transport: car truck bu train bike bicycl motorcycl scooter van plane boat
monei financ financi cost price: pai dollar salari budget loan debt save expens cheap bank invest fund rent bill
cloth outfit: dress shirt jacket shoe jean skirt hat coat sweater scarf boot hoodi fashion
jewelri accessori: ring necklac bracelet ear pendant watch
devic technolog gadget electron: phone laptop comput tablet camera headphon smartwatch printer consol softwar app
celebr event occas: birthdai parti wed anniversari graduat festiv christma thanksgiv easter halloween ceremoni parad concert
religion religi faith belief spiritu: church god prai prayer bibl christian muslim jewish buddhist templ mosqu worship
chariti volunt caus commun: donat shelter fundrais nonprofit homeless
polit govern: vote elect campaign senat presid mayor polici congress parti
weather climat: rain snow sun storm wind hot cold cloud flood hurrican
plant garden flower: rise tulip sunflow tree seed grow veget lili daisi orchid lavend cactu
furnitur decor: chair tabl sofa couch bed desk lamp shelf dresser
award achiev accomplish success: win prize medal trophi certif promot graduat scholarship champion contest
problem challeng difficulti struggl hardship setback: lose tough hard fail accid troubl obstacl issu divorc layoff fire
plan goal dream futur intend aspir: hope want wish aim open launch start
friend friendship: buddi pal mate roommat neighbor colleagu
date relationship romanc romant: girlfriend boyfriend love engag marri wed divorc breakup coupl
season: summer winter spring autumn fall
color: red blue green yellow purpl orang pink black white brown grai violet
skill abil talent: learn practic master lesson train
busi compani startup: shop store custom client brand market launch entrepreneur sell
lesson class cours workshop: teach learn train tutori seminar`;

/** Maps from stems to kinds: of the words that name a kind, and of all its words. */
interface Kinds {
  readonly named: ReadonlyMap<string, readonly string[]>;
  readonly all: ReadonlyMap<string, readonly string[]>;
}

const { named, all }: Kinds = readKinds();

function readKinds(): Kinds {
  const named = new Map<string, string[]>();
  const all = new Map<string, string[]>();
  const add = (map: Map<string, string[]>, word: string, token: string) => {
    const tokens = map.get(word);
    if (tokens === undefined) map.set(word, [token]);
    else tokens.push(token);
  };
  for (const line of KINDS.split("\n")) {
    const [names, members] = line.split(": ").map((part) => part.split(" "));
    const token = `k0${names![0]}`;
    for (const name of names!) {
      add(named, name, token);
      add(all, name, token);
    }
    for (const member of members!) add(all, member, token);
  }
  return { named, all };
}

/** Tokens of the kinds that the stems of a text belong to, each once. */
export function kindsOf(stems: readonly string[]): string[] {
  const found = new Set<string>();
  for (const stem of stems) {
    for (const token of all.get(stem) ?? []) found.add(token);
  }
  return [...found];
}

/** Tokens of the kinds that a stem names: "pet" names one, "puppy" does not. */
export function kindsNamedBy(stem: string): readonly string[] {
  return named.get(stem) ?? [];
}
