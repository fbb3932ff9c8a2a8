/**
 * Function words of languages other than English, as in "Wo habe ich …?" Rows are indexed with them, because the
 * language of a short text is hard to tell; questions are searched without them, so that the other words count.
 *
 * @module
 */

import { isContentWord } from "./text.ts";

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
हूँ है हैं हो होंगी होंगे होगा होगी|
albo bardzo bedzie bylem czego czy dla dlaczego dokad gdy gdzie ich jak jaki jakich jakie jakiego jakiej \
jakim jego jej jest jestem jestes jestesmy juz kiedy kogo komu kto ktora ktore ktorego ktorej ktory \
ktorych ktorym ktorzy mamy masz mna mnie moich moim moj moja mojego mojej nasz nasza nasze nie oraz przez \
przy sie skad tego tej tez twoj twoja twoje tylko tym wszystko zeby|a ale bylo ciebie co do i ile ja jaka \
ma mam mi moje na nam nas o od on ona po sa ten to ty u w we z za ze
aby bude byl byla byli dlouho jake jakeho jako jaky jeho jeji jejich jen jestli jsem jsi jsme jsou jste \
kam kde kdo kdy kolik ktera ktere ktereho kterou ktery mame mas muj nase nebo neni pri pro proc take \
tvoje tvuj uz vam velmi|a ale by bylo co do i jaka je k ma mam me mi moje my na nam nas o od on ona po s \
se si ta tak to u v ve vy z za ze
an ar att aven blir deras dina ditt fran hade henne hon honom hur inte jag och ska till vad vara vart vem \
vilka vilken vilket|av blev dar de den det dig din du efter eller en ett for han hans har hennes i kan \
med men mig min mina mitt nar ni om oss pa sig sin sina sitt skulle som under var vi
af bliver deres dine dit er etter fra hadde havde hendes hos hun hva hvad hvem hvilke hvilken hvilket \
hvor hvordan hvorfor hvornar ikke jeg mine og ogsa seg skal til vaere vores|at av blev de den der det dig \
din du efter eller en et for han hans har hennes i kan med meg men mig min mit mitt nar om oss pa sig sin \
sitt skulle som var vi
ei eivat enta etta hanen jo joka jos jossa jotka kenelle kenen kuin kuinka kuka kun meidan meilla mihin \
mika mikaan miksi milla millainen milloin minka minne minua minulla minun missa mista mita miten mitka \
moni mutta myos niin nyt olemme olen olet oletko oli olivat olla ovat paljonko sinulla sinun tai tama \
vain viela|en han he ja me mina ne on se sina te
ama bana ben beni benim bir biz bizim bu cok daha degil diye gibi hangi hangisi icin ise kac kacinci \
kadar kim kimi kimin kiminle mu nasil neden nedir neler nerede nereden nereye nicin olan olarak onlar \
onun sana sen senin siz sizin sonra su veya yok zaman|da de en ile mi ne o on once var ve
az azt csak egy es ez ezt hany hanyadik hogy hogyan hol honnan hova itt ki kinek kit mar melyik mennyi \
miert mikor milyen neked nekem nem ott vagy vagyok van vannak volt voltam|a de en is meg mi mit o ok te ti
aceasta acest am are asta avem cand care cat cate ce cine cu cui cum dupa eram este esti fost imi in \
intre iti mea mei mele meu noastra nostru nu pe pentru sau sint sunt tau unde unei unui|ai al ale ca dar \
de din la mai o sa se si ta un una
або але був буде була були було вже від де для до звідки иого коли куди мене мені ми мого моя моє моєму \
моєі моі моіи міи нам наш наша наші про під скільки та також твоя твіи тебе тобі хто це цеи ця ці чи чии \
чому ще що щоб як яка яке якии яким якого якому якоі яку які якіи є і із іх іі|а в вам вас вы з за и на \
нас не он при ти то у
αλλα αν απο αυτη αυτο αυτοσ για γιατι δεν ειμαι ειναι εισαι ενα ενασ εχει εχεισ εχουμε εχουν εχω η ηταν \
θα και μασ με μην μια μου να ο οι οταν ποια ποιεσ ποιο ποιοι ποιον ποιοσ ποσα ποσο ποτε που πωσ σασ σε \
σου στα στη στην στισ στο στον στουσ τα τη την τησ τι τισ το τον του τουσ των|
אבל או אותו אותי איזה איזו איך אילו אין איפה אל אם אנחנו אני את אתה אתם גם הוא היא היה היו הייתה היתה הם \
הן זאת זה זו יש כי כל כמה כן לא לאן לה להם לו לי לך למה לנו מאיפה מה מי מן מתי על עם של שלה שלהם שלו שלי \
שלך שלנו|
است اما ان انها او اين با بايد براي به بود تا تو خود خودم دارد دارم داري داريم در را شد شده شما كجا كدام \
كه كي ما من مي نيز نيست هست هم همه يا يك چرا چطور چقدر چند چه چي چيست|از و
আছে আপনার আমরা আমাকে আমাদের আমার আমি এই একটা একটি এবং ও ওই কখন কত কবে কার কি কিন্তু কী কে কেন কোথায় কোন \
ছিল জন্য তার তারা তুমি তোমার থেকে না নেই বা সঙ্গে সাথে সে হবে হয়|
ban bao cac cho chung cua dang dau duoc gi khi khong may minh mot nao nay nhieu nhung toi trong va viec \
voi|ai co da den do la o se tu
ada adalah akan anda apa atau bagaimana berapa dari dengan dia dimana ini itu juga kami kamu kapan ke \
kita mana mengapa mereka pada saya siapa sudah tapi tidak untuk yang|dan di`;

/** A language by its words. */
interface Language {
  /** Its index in {@link ALL}. */
  readonly at: number;
  /** Words of this language alone, which identify it. */
  readonly own: ReadonlySet<string>;
  /** All its function words. */
  readonly all: ReadonlySet<string>;
}

const ALL: readonly Language[] = LANGUAGES.split("\n").map(readLanguage);
const NONE: ReadonlySet<string> = new Set();
/** The languages that have a word. */
const BY_WORD: ReadonlyMap<string, readonly Language[]> = byWord();

/**
 * The function words of a question's language, if that is not English: the language with the most function words in the
 * question, if one of these is of this language alone. None if as many words are English function words.
 *
 * @param words The question's words, as `words` gives them.
 */
export function functionWords(words: readonly string[]): ReadonlySet<string> {
  const counts = ALL.map(() => 0);
  const isNamed = ALL.map(() => false);
  for (const word of words) {
    for (const { at, own } of BY_WORD.get(word) ?? []) {
      counts[at]!++;
      isNamed[at] ||= own.has(word);
    }
  }
  let best: ReadonlySet<string> = NONE;
  let most = words.filter((word) => !isContentWord(word)).length;
  for (const { at, all } of ALL) {
    if (counts[at]! <= most || !isNamed[at]) continue;
    [best, most] = [all, counts[at]!];
  }
  return best;
}

function readLanguage(line: string, at: number): Language {
  const [own, shared] = line.split("|")
    .map((part) => part.split(" ").filter((word) => word !== ""));
  return { at, own: new Set(own), all: new Set([...own!, ...shared!]) };
}

function byWord(): Map<string, Language[]> {
  const found = new Map<string, Language[]>();
  for (const language of ALL) {
    for (const word of language.all) {
      const languages = found.get(word);
      if (languages === undefined) found.set(word, [language]);
      else languages.push(language);
    }
  }
  return found;
}
