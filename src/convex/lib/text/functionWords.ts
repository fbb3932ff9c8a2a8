/**
 * Function words of languages other than English, as in "Wo habe ich …?" Rows are indexed with them, because the
 * language of a short text is hard to tell; questions are searched without them, so that the other words count.
 *
 * @module
 */

/**
 * One language per line: first words of this language alone, which identify it, then words that other languages have,
 * too. Folded, as `words` returns them.
 */
const LANGUAGES = `\
aber alle alles als auch auf aus bei bin bis bist bitte da dann das dass dein deine deinem deinen deiner dem \
denn der dich dir doch dort du durch ein eine einem einen einer eines er es etwas euch fur gegen gibt habe \
haben hast hat hatte hatten hier ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im ins ist jetzt kann kannst \
kein keine keinen konnen konnte mein meine meinem meinen meiner meines mir mit muss musste nach nicht noch \
nur oder ohne schon sehr seid sein seine seinem seinen seiner seit sich sie sind soll sollte uber um und uns \
unser unsere unseren unter viel viele vom von vor wann waren warum weil welche welchem welchen welcher \
welches wem wen wenn wer werde werden wessen wie wieviel wir wird wirst wo wollte wurde wurden zu zum zur \
zwischen|also am an den des die in mal man mich so war was will
ai au aussi aux avaient avait avec avez avoir avons bien ca ce cela ces cet cette chez combien de depuis \
donc du elle elles en entre et etaient etait etes etre faire fait il ils je laquelle le lequel les leur \
leurs lui mais moi mon ne ni nos notre nous ont ou par pas peut pourquoi quand quel quelle quelles quels qui \
quoi sa se ses sommes sont sous suis ta tes toi tres un une vers vos votre vous y|a as comment dans des es \
est in la ma me mes on plus pour que sans si son sur ton tu
al como cual cuales cuando cuanta cuantas cuanto cuantos de del desde donde e ella ellas ellos en entre era \
eran eres es esa ese eso esta estaba estan estar estas este esto estos estoy fue fueron ha habia hacia han \
hasta hay hemos las le les lo mas mis muy ni nos nosotros nuestra nuestras nuestro nuestros o para pero por \
que quien quienes se ser si somos soy su sus tambien te tengo ti tiene tienes tu tus u una unas unos \
vosotros y ya yo|a come con el has he la los me mi no once sin sobre son un
abbiamo ai al alla alle anche avete aveva che chi ci cosa da dal dalla degli dei del della delle dello di \
dove e ed erano fra gli ha hai hanno ho il io la le lei lo loro lui mi mia mie miei mio molto ne nei nel \
nella nelle noi non nostra nostro o perche piu quale quali quando quanta quante quanti quanto quella quello \
questa questi questo sei si siamo siete su sua sul sulla suo suoi ti tra tu tua tuo tuoi un una uno vi \
voi|come con do due era in ma me no per sole sono
ao aos ate como da das de e ela elas ele eles em es essa esse esta estao estava este estou eu foi foram ha \
isso isto ja lhe mais meu meus minha minhas muito na nao nas nos nossa nosso o onde ou para pela pelo quais \
qual quando quanta quantas quanto quantos que quem sao se seu seus sim somos sou sua suas tambem te tem \
tenho ter teu tinha tu tua um uma umas uns voce voces vos|a as com do dos era mas me no os por sem
aan als ben bent bij dat de deze dit een en er geen haar heb hebben hebt heeft hem het hij hoe hoeveel hun \
ik je jij jou jouw jullie kan kun met mij mijn moet naar niet nog om onder ons onze ook op te tegen tot uit \
van voor waar waarom wanneer waren welk welke wie wij wil worden wordt zal ze zeer zij zijn zou|al die door \
had in is maar me of on over ten was wat we
а без будет бы был была были было быть в вам вас ваш ваша во все вы где да для до его ее еи ему есть еще же \
за зачем и из или им их к как какая какие какое какои каком какую ко когда которая которое которую которые \
которыи кто куда ли меня мне мнои мое моего моеи моему мои моим моих мою моя мы на над нам нас наш наша наше \
наши не ни но о об он она они оно от откуда очень по под почему при про с свое своего своеи свои своя \
сколько со так там твое твои твоя тебе тебя то тут ты у уже чего чем чему через что эта эти это этого этот \
я|
التي الذي الى ان انا انت او اي اين بعد ثم حتى ذلك على عن عند عندك عندي في قبل قد كان كانت كم كيف لا لقد لك \
لم لماذا لن له لها لي ما ماذا متى مع من منذ نحن هذا هذه هل هم هو هي و|
आप आपका आपकी इस उस एक और कब कहाँ का कितना कितनी कितने किस किसको किसने की के कैसे को कौन कौनसा क्या क्यों तुम \
तो था थी थे नहीं ने पर भी मुझको मुझे में मेरा मेरी मेरे मैं मैंने यह या ये वह वे से हम हमारा हमारी हमारे ही \
हूँ है हैं हो होंगी होंगे होगा होगी|`;

/** A language by its words. */
interface Language {
  /** Words of this language alone, which identify it. */
  readonly own: ReadonlySet<string>;
  /** All its function words. */
  readonly all: ReadonlySet<string>;
}

const ALL: readonly Language[] = LANGUAGES.split("\n").map(readLanguage);
const NONE: ReadonlySet<string> = new Set();

/**
 * The function words of a question's language, if that is not English: the language with the most function words in the
 * question, if one of these is of this language alone. None if as many words are English function words.
 *
 * @param words The question's words, as `words` gives them.
 * @param english How many of them are function words of English.
 */
export function functionWords(
  words: readonly string[],
  english: number,
): ReadonlySet<string> {
  let best: ReadonlySet<string> = NONE;
  let most = english;
  for (const { own, all } of ALL) {
    const count = words.filter((word) => all.has(word)).length;
    if (count <= most || !words.some((word) => own.has(word))) continue;
    [best, most] = [all, count];
  }
  return best;
}

function readLanguage(line: string): Language {
  const [own, shared] = line.split("|")
    .map((part) => part.split(" ").filter((word) => word !== ""));
  return { own: new Set(own), all: new Set([...own!, ...shared!]) };
}
