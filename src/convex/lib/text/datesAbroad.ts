/**
 * Months and days in languages other than English. Folded, as `words` returns them. Left out are words that are as
 * often others, such as "morgen" and "hier".
 *
 * @module
 */

/** Names of one month per line, January first, in the forms that they have in dates and in "in March". */
const MONTH_NAMES = `\
enero gennaio ianuarie janeiro janner januar januari januarie janvier leden ledna ocak ocakta styczen \
stycznia tammikuu tammikuussa tammikuuta ιανουαριο ιανουαριοσ ιανουαριου січень січня январе январь \
января ינואר يناير ژانويه जनवरी জানুয়ারি
febbraio febrero februar februari februarie fevereiro fevrier helmikuu helmikuussa helmikuuta lutego luty \
lutym subat unor unora φεβρουαριο φεβρουαριοσ φεβρουαριου лютии лютого феврале февраль февраля פברואר \
فبراير فوريه फरवरी ফেব্রুয়ারি
brezen brezna maaliskuu maaliskuussa maaliskuuta maart marca marcius marco marcu maret mars mart martie \
martta marz marzec marzo μαρτιο μαρτιοσ μαρτιου березень березня березні март марта марте מרץ مارس मार्च \
মার্চ
abril april aprile aprilie aprilis avril duben dubna huhtikuu huhtikuussa huhtikuuta kwiecien kwietnia \
kwietniu nisan nisanda απριλιο απριλιοσ απριλιου апреле апрель апреля квітень квітня квітні אפריל ابريل \
اوريل अप्रैल এপ্রিল
kveten kvetna maggio mai maio maj maja maju majus mayis mayista mayo mei toukokuu toukokuussa toukokuuta \
μαιο μαιοσ μαιου мае маи мая травень травня травні מאי مايو मई মে
cerven cervna czerwca czerwcu czerwiec giugno haziran haziranda iunie juin junho juni junio junius \
kesakuu kesakuussa kesakuuta ιουνιο ιουνιοσ ιουνιου июне июнь июня червень червня червні יוני يونيو ژوين \
जून জুন
cervence cervenec heinakuu heinakuussa heinakuuta iulie juillet julho juli julio julius lipca lipcu \
lipiec luglio temmuz temmuzda ιουλιο ιουλιοσ ιουλιου июле июль июля липень липня липні יולי يوليو ژوييه \
जुलाई জুলাই
agosto agustos agustosta agustus aout august augusti augustus augusztus elokuu elokuussa elokuuta \
sierpien sierpnia sierpniu srpen srpna αυγουστο αυγουστοσ αυγουστου август августа августе серпень серпня \
серпні אוגוסט اغسطس اوت अगस्त আগস্ট
eylul eylulde september septembre septembrie septiembre setembro settembre syyskuu syyskuussa syyskuuta \
szeptember wrzesien wrzesnia wrzesniu zari σεπτεμβριο σεπτεμβριοσ σεπτεμβριου вересень вересня вересні \
сентябре сентябрь сентября ספטמבר سبتمبر سپتامبر सितंबर সেপ্টেম্বর
ekim ekimde lokakuu lokakuussa lokakuuta octobre octombrie octubre oktober ottobre outubro pazdziernik \
pazdziernika pazdzierniku rijen rijna οκτωβριο οκτωβριοσ οκτωβριου жовтень жовтня жовтні октябре октябрь \
октября אוקטובר اكتبر اكتوبر अक्टूबर অক্টোবর
kasim kasimda listopad listopada listopadzie marraskuu marraskuussa marraskuuta noiembrie november \
novembre novembro noviembre νοεμβριο νοεμβριοσ νοεμβριου листопад листопада листопаді ноябре ноябрь \
ноября נובמבר نوامبر نوفمبر नवंबर নভেম্বর
aralik aralikta december decembre decembrie desember dezember dezembro dicembre diciembre grudnia grudniu \
grudzien joulukuu joulukuussa joulukuuta prosince prosinec δεκεμβριο δεκεμβριοσ δεκεμβριου грудень грудня \
грудні декабре декабрь декабря דצמבר دسامبر ديسمبر दिसंबर ডিসেম্বর`;

/** Words for a day, by its distance from today. */
const DAY_NAMES: readonly (readonly [days: number, names: string])[] = [
  [
    -2,
    "anteayer anteontem avanthier eergisteren forrgar przedwczoraj toissapaivana vorgestern позавчера позавчора",
  ],
  [
    -1,
    "ayer dun eilen gestern gisteren ieri igar kemarin ontem tegnap vcera wczoraj εχθεσ χθεσ χτεσ вчера вчора אתמול " +
    "امس ديروز গতকাল 昨天 昨日 어제",
  ],
  [
    0,
    "bugun dnes dzis dzisiaj heute hoje hoy idag oggi tanaan vandaag σημερα сегодня сьогодні היום اليوم امروز आज আজ " +
    "今天 今日 오늘",
  ],
  [
    1,
    "amanha besok demain domani huomenna imorgon jutro yarin zitra αυριο завтра מחר غدا فردا আগামীকাল 明天 明日 내일",
  ],
];

/** Months by these names, January as 0. */
export const MONTHS_ABROAD: ReadonlyMap<string, number> = new Map(
  MONTH_NAMES.split("\n").flatMap((names, month) =>
    names.split(" ").map((name): [string, number] => [name, month])
  ),
);

/** Days from today by these names. */
export const DAYS_ABROAD: ReadonlyMap<string, number> = new Map(
  DAY_NAMES.flatMap(([days, names]) =>
    names.split(" ").map((name): [string, number] => [name, days])
  ),
);

/** Words before a month that mean the last one of its name: "im März", "en mars", "в марте". */
export const IN_ABROAD: ReadonlySet<string> = new Set(
  "a em en i im nel pada u v w у в".split(" "),
);
