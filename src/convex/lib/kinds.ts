/**
 * Kinds of things that people talk about, so that "Which pets does she have?" finds the message with the puppy in it.
 *
 * A row's search text holds the kinds that its words belong to; a question that names a kind looks for it beside the
 * word itself. A short list of everyday English, no thesaurus: what is missing is found by its words or its embedding.
 *
 * @module
 */

import { stem } from "./text.ts";

/** Each line: words that name a kind, and words of that kind. */
const KINDS = `\
pet animal: dog puppy pup cat kitten kitty bird parrot hamster rabbit bunny fish turtle tortoise lizard snake horse pony ferret goldfish
child kid offspring: son daughter baby toddler boy girl infant teenager newborn twin
parent family relative: mother mom dad father brother sister sibling aunt uncle cousin grandmother grandma grandfather grandpa nephew niece wife husband son daughter
spouse partner: wife husband fiance fiancee girlfriend boyfriend
instrument music musician: guitar piano violin drum flute cello saxophone trumpet clarinet ukulele banjo keyboard bass harp song band concert album sing melody orchestra
sport exercise fitness workout athletic: soccer football basketball baseball tennis golf swim run jog hike hockey volleyball yoga gym cycle bike ski skate surf climb boxing karate marathon race rugby cricket pilates badminton
hobby pastime activity leisure: paint draw read garden cook bake knit photography fish hike camp dance sing pottery chess puzzle craft sew carve travel run swim gaming
art artwork artist: paint draw sculpture sketch canvas gallery mural exhibit museum portrait watercolor pottery ceramic
craft handmade: knit sew crochet pottery woodwork carve embroider quilt weave ceramic
book read author literature: novel story fiction biography memoir poem poetry chapter series library writer
movie film watch: cinema documentary comedy drama thriller series episode theater
game play: chess puzzle board card console poker trivia
food meal eat dish cuisine: breakfast lunch dinner pizza pasta soup salad bread cake cookie rice chicken beef fish vegetable fruit sushi taco curry sandwich burger steak cheese noodle dessert chocolate snack restaurant recipe cook bake pie
drink beverage: coffee tea water juice wine beer cocktail soda milk smoothie
dessert sweet: cake cookie pie ice cream chocolate brownie cupcake pastry muffin pudding candy
job work career profession occupation employment: engineer teacher nurse doctor lawyer developer programmer manager accountant chef artist writer designer boss colleague office company promotion hire interview business internship
study education school degree: university college class course student exam graduate diploma professor teacher lecture learn homework major thesis certificate
health medical illness condition: doctor hospital sick disease surgery medicine therapy diagnose pain injury allergy asthma diabetes cancer fever headache clinic treatment anxiety depression
injury hurt: sprain fracture break accident ankle knee wrist cast bruise
emotion feeling feel mood: happy sad angry anxious nervous excite proud scare afraid lonely grateful stress joy worry upset frustrate relief depress
travel trip vacation holiday visit: flight plane hotel airport beach train tour cruise abroad passport journey fly road destination luggage getaway
country nation abroad foreign: france spain italy germany england britain ireland scotland portugal greece poland netherlands sweden norway denmark switzerland austria turkey japan china india thailand vietnam korea indonesia philippines singapore malaysia taiwan nepal canada mexico brazil argentina peru chile colombia egypt morocco kenya nigeria australia africa america
europe european: france spain italy germany england britain ireland scotland portugal greece poland netherlands sweden norway denmark switzerland austria
asia asian: japan china india thailand vietnam korea indonesia philippines singapore malaysia taiwan nepal
city place town location: london paris rome berlin madrid tokyo york chicago boston seattle angeles francisco toronto sydney barcelona amsterdam dublin vienna prague lisbon
nature outdoor outdoors: forest mountain beach lake river hike camp park ocean sea trail tree waterfall desert valley wildlife
venue place: cafe restaurant park beach museum library gym studio shop store market mall church theater stadium
home house live residence: apartment flat room condo rent mortgage neighborhood landlord roommate move kitchen bedroom
vehicle transport transportation: car truck bus train bike bicycle motorcycle scooter van plane boat
money finance financial cost price: pay dollar salary budget loan debt save expensive cheap bank invest fund rent bill
clothing clothes outfit: dress shirt jacket shoe jeans skirt hat coat sweater scarf boot hoodie fashion
jewelry accessory: ring necklace bracelet earring pendant watch
device technology gadget electronic: phone laptop computer tablet camera headphone smartwatch printer console software app
celebrate celebration event occasion: birthday party wedding anniversary graduation festival christmas thanksgiving easter halloween ceremony parade concert
religion religious faith belief spiritual: church god pray prayer bible christian muslim jewish buddhist temple mosque worship
charity volunteer cause community: donate shelter fundraise nonprofit homeless donation
politics political government: vote election campaign senator president mayor policy congress party
weather climate: rain snow sun storm wind hot cold cloud flood hurricane
plant garden flower: rose tulip sunflower tree seed grow vegetable lily daisy orchid lavender cactus
furniture decor: chair table sofa couch bed desk lamp shelf dresser
award achievement accomplish accomplishment success: win prize medal trophy certificate promotion graduate scholarship champion contest
problem challenge difficulty struggle hardship setback: lose tough hard fail accident trouble obstacle issue divorce layoff fire
plan goal dream future intend aspiration: hope want wish aim open launch start
friend friendship: buddy pal mate roommate neighbor colleague
date relationship romance romantic: girlfriend boyfriend love engage marry wedding divorce breakup couple
season: summer winter spring autumn fall
color: red blue green yellow purple orange pink black white brown gray violet
skill ability talent: learn practice master lesson training
business company startup: shop store customer client brand market launch entrepreneur sell
lesson class course workshop: teach learn training tutorial seminar`;

/** Stems to kinds: by the words that name a kind, and by all of its words. */
interface Kinds {
  readonly named: ReadonlyMap<string, readonly string[]>;
  readonly all: ReadonlyMap<string, readonly string[]>;
}

const { named, all }: Kinds = readKinds();

function readKinds(): Kinds {
  const named = new Map<string, string[]>();
  const all = new Map<string, string[]>();
  const add = (map: Map<string, string[]>, word: string, token: string) => {
    const key = stem(word);
    const tokens = map.get(key);
    if (tokens === undefined) map.set(key, [token]);
    else if (!tokens.includes(token)) tokens.push(token);
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
