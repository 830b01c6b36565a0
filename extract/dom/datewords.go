package dom

import (
	"maps"
	"slices"
	"strings"
)

// words is what one language says in dates. Each language keeps to its own
// table: "ago" is August in Spanish, "mar" is March here and Tuesday there.
type words struct {
	months   map[string]int // lower case, without a final point
	weekdays map[string]int // time.Weekday
	days     map[string]int // today 0, yesterday -1, day before yesterday -2
	units    map[string]unit
	now      []string // "a moment ago", "just now"
	ago      []string // words that turn a count of units into the past
	one      []string // "a", "an", "eine": counts as 1 before a unit

	dayForms                 []string // of days
	longMonths, longWeekdays bool     // some are of two words
	bit                      uint64   // of the language among all
}

// unit is a unit of relative time; seconds are exact below months.
type unit struct {
	seconds int64
	months  int
	prec    int // 0 second, 1 minute, 2 hour, 3 day, 4 month, 5 year
}

var (
	uSecond = unit{1, 0, 1}
	uMinute = unit{60, 0, 1}
	uHour   = unit{3600, 0, 2}
	uDay    = unit{86400, 0, 3}
	uWeek   = unit{7 * 86400, 0, 3}
	uMonth  = unit{0, 1, 4}
	uYear   = unit{0, 12, 5}
)

// wordSource is a language as it is written down here: twelve months, forms of
// one month separated by "|"; weekdays from Sunday; then relative words.
type wordSource struct {
	lang, months, weekdays, today, yesterday, beforeYesterday, units, now, ago, one string
}

// units: second; minute; hour; day; week; month; year, forms separated by "|".
var wordSources = []wordSource{
	{"en", "january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sep|sept october|oct november|nov december|dec",
		"sunday|sun monday|mon tuesday|tue|tues wednesday|wed thursday|thu|thur|thurs friday|fri saturday|sat", "today", "yesterday", "",
		"second|seconds|sec|secs|s minute|minutes|min|mins|m hour|hours|hr|hrs|h day|days|d week|weeks|wk|wks|w month|months|mo|mos|mth year|years|yr|yrs|y", "moment ago|moments ago|just now|right now|less than a minute ago|a few seconds ago|few moments ago", "ago", "a|an|one"},
	{"de", "januar|jan|jänner|jaenner februar|feb|feber märz|mär|maerz|mrz|mar april|apr mai juni|jun juli|jul august|aug september|sep|sept oktober|okt november|nov dezember|dez",
		"sonntag|so montag|mo dienstag|di mittwoch|mi donnerstag|do freitag|fr samstag|sa|sonnabend", "heute", "gestern", "vorgestern",
		"sekunde|sekunden|sek minute|minuten|min stunde|stunden|std tag|tage|tagen woche|wochen monat|monate|monaten jahr|jahre|jahren", "gerade eben|soeben|vor einem augenblick|eben gerade|vor wenigen augenblicken|vor einem moment|gerade jetzt", "vor", "einer|einem|eine|ein"},
	{"fr", "janvier|janv|jan février|févr|fév|fevrier|fevr|fev mars|mar avril|avr mai juin|juin. juillet|juil|juill août|aout|aoû septembre|sept|sep octobre|oct novembre|nov décembre|déc|decembre|dec",
		"dimanche|dim lundi|lun mardi|mar mercredi|mer jeudi|jeu vendredi|ven samedi|sam", "aujourd'hui|aujourd’hui", "hier", "avant-hier",
		"seconde|secondes|s minute|minutes|min|mn heure|heures|h jour|jours|j semaine|semaines|sem mois|moi an|ans|année|années", "à l'instant|à l’instant|il y a un instant|il y a un moment", "il y a|a", "un|une"},
	{"es", "enero|ene febrero|feb marzo|mar abril|abr mayo|may junio|jun julio|jul agosto|ago septiembre|setiembre|sep|sept|set octubre|oct noviembre|nov diciembre|dic",
		"domingo|dom lunes|lun martes|mar miércoles|mié|miercoles|mie jueves|jue viernes|vie sábado|sáb|sabado|sab", "hoy", "ayer", "anteayer|antier",
		"segundo|segundos|seg minuto|minutos|min hora|horas|h día|días|dia|dias semana|semanas mes|meses año|años", "hace un momento|ahora mismo|hace un instante|justo ahora", "hace|antes|atrás", "un|una"},
	{"it", "gennaio|gen febbraio|feb marzo|mar aprile|apr maggio|mag giugno|giu luglio|lug agosto|ago settembre|set|sett ottobre|ott novembre|nov dicembre|dic",
		"domenica|dom lunedì|lunedi|lun martedì|martedi|mar mercoledì|mercoledi|mer giovedì|giovedi|gio venerdì|venerdi|ven sabato|sab", "oggi", "ieri", "l'altro ieri|altroieri",
		"secondo|secondi|sec minuto|minuti|min ora|ore|un'ora giorno|giorni settimana|settimane mese|mesi anno|anni", "un momento fa|adesso|proprio ora|poco fa", "fa", "un|una|un'"},
	{"pt", "janeiro|jan fevereiro|fev março|mar|marco abril|abr maio|mai junho|jun julho|jul agosto|ago setembro|set outubro|out novembro|nov dezembro|dez",
		"domingo|dom segunda|segunda-feira|seg terça|terça-feira|ter quarta|quarta-feira|qua quinta|quinta-feira|qui sexta|sexta-feira|sex sábado|sáb|sab", "hoje", "ontem", "anteontem",
		"segundo|segundos|seg minuto|minutos|min hora|horas|h dia|dias semana|semanas mês|meses|mes ano|anos", "agora mesmo|há um momento|um momento atrás|neste momento", "atrás|há", "um|uma"},
	{"nl", "januari|jan februari|feb maart|mrt|maa|mar april|apr mei juni|jun juli|jul augustus|aug september|sep|sept oktober|okt november|nov december|dec",
		"zondag|zo maandag|ma dinsdag|di woensdag|wo donderdag|do vrijdag|vr zaterdag|za", "vandaag", "gisteren", "eergisteren",
		"seconde|seconden|sec minuut|minuten|min uur|uren|u dag|dagen week|weken maand|maanden jaar|jaren", "zojuist|een moment geleden|net", "geleden", "een|één"},
	{"pl", "styczeń|stycznia|sty luty|lutego|lut marzec|marca|mar kwiecień|kwietnia|kwi maj|maja czerwiec|czerwca|cze lipiec|lipca|lip sierpień|sierpnia|sie wrzesień|września|wrz październik|października|paź listopad|listopada|lis grudzień|grudnia|gru",
		"niedziela|ndz|nie|nd poniedziałek|pon|pn wtorek|wto|wt środa|śro|śr|środę czwartek|czw|cz piątek|pią|pt sobota|sob|sb|sobotę", "dzisiaj|dziś", "wczoraj", "przedwczoraj",
		"sekunda|sekundy|sekund|sekundę minuta|minuty|minut|minutę|min godzina|godziny|godzin|godzinę|godz dzień|dni|dnia tydzień|tygodnie|tygodni miesiąc|miesiące|miesięcy rok|lata|lat|roku", "przed chwilą|chwilę temu|teraz", "temu", "jeden|jedną"},
	{"ru", "январь|января|янв февраль|февраля|фев|февр март|марта|мар апрель|апреля|апр май|мая июнь|июня|июн июль|июля|июл август|августа|авг сентябрь|сентября|сен|сент октябрь|октября|окт ноябрь|ноября|ноя|нояб декабрь|декабря|дек",
		"воскресенье|вс|вск понедельник|пн вторник|вт среда|ср|среду четверг|чт пятница|пт|пятницу суббота|сб|субботу", "сегодня", "вчера", "позавчера",
		"секунда|секунды|секунд|секунду|сек минута|минуты|минут|минуту|мин час|часа|часов день|дня|дней неделя|недели|недель|неделю месяц|месяца|месяцев год|года|лет", "только что|минуту назад|несколько секунд назад|менее минуты назад", "назад", "одну|один"},
	{"uk", "січень|січня|січ лютий|лютого|лют березень|березня|бер квітень|квітня|кві|квіт травень|травня|тра|трав червень|червня|чер|черв липень|липня|лип серпень|серпня|сер|серп вересень|вересня|вер жовтень|жовтня|жов|жовт листопад|листопада|лис грудень|грудня|гру|груд",
		"неділя|нд|нед понеділок|пн|пон вівторок|вт|вів середа|ср|сер четвер|чт|чет п'ятниця|пт|п’ятниця субота|сб|суб", "сьогодні", "вчора|учора", "позавчора",
		"секунда|секунди|секунд|секунду хвилина|хвилини|хвилин|хвилину година|години|годин|годину день|дні|днів|дня тиждень|тижні|тижнів місяць|місяці|місяців рік|роки|років", "щойно|тільки що", "тому", "одну|один"},
	{"cs", "leden|ledna|led únor|února|úno březen|března|bře duben|dubna|dub květen|května|kvě červen|června|čer červenec|července|čvc srpen|srpna|srp září|zář říjen|října|říj listopad|listopadu|lis prosinec|prosince|pro",
		"neděle|ne|ned pondělí|po|pon úterý|út|úte středa|st|stř čtvrtek|čt|čtv pátek|pá|pát sobota|so|sob", "dnes", "včera", "předevčírem",
		"sekunda|sekundy|sekund|sekundami minuta|minuty|minut|minutami|minutou hodina|hodiny|hodin|hodinami|hodinou den|dny|dní|dnem týden|týdny|týdnů|týdnem měsíc|měsíce|měsíců|měsíci|měsícem rok|roky|let|lety|rokem", "před chvílí|právě teď", "před", "jedna|jednou|jedním"},
	{"sv", "januari|jan februari|feb mars|mar april|apr maj juni|jun juli|jul augusti|aug september|sep|sept oktober|okt november|nov december|dec",
		"söndag|sön måndag|mån tisdag|tis onsdag|ons torsdag|tor|tors fredag|fre lördag|lör", "idag|i dag", "igår|i går", "i förrgår",
		"sekund|sekunder|sek minut|minuter|min timme|timmar|tim dag|dagar vecka|veckor månad|månader år|åren", "alldeles nyss|just nu|en stund sedan", "sedan|sen", "en|ett"},
	{"da", "januar|jan februar|feb marts|mar april|apr maj juni|jun juli|jul august|aug september|sep|sept oktober|okt november|nov december|dec",
		"søndag|søn mandag|man tirsdag|tirs|tir onsdag|ons torsdag|tors|tor fredag|fre lørdag|lør", "i dag|idag", "i går|igår", "i forgårs",
		"sekund|sekunder|sek minut|minutter|min time|timer dag|dage uge|uger måned|måneder år|årene", "lige nu|et øjeblik siden", "siden", "en|et"},
	{"nb", "januar|jan februar|feb mars|mar april|apr mai juni|jun juli|jul august|aug september|sep|sept oktober|okt november|nov desember|des",
		"søndag|søn mandag|man tirsdag|tir onsdag|ons torsdag|tor fredag|fre lørdag|lør", "i dag|idag", "i går|igår", "i forgårs",
		"sekund|sekunder|sek minutt|minutter|min time|timer dag|dager uke|uker måned|måneder år|årene", "akkurat nå|et øyeblikk siden|nettopp", "siden", "en|et|ett"},
	{"fi", "tammikuu|tammikuuta|tammi|tam helmikuu|helmikuuta|helmi|hel maaliskuu|maaliskuuta|maalis|maa huhtikuu|huhtikuuta|huhti|huh toukokuu|toukokuuta|touko|tou kesäkuu|kesäkuuta|kesä|kes heinäkuu|heinäkuuta|heinä|hei elokuu|elokuuta|elo syyskuu|syyskuuta|syys|syy lokakuu|lokakuuta|loka|lok marraskuu|marraskuuta|marras|mar joulukuu|joulukuuta|joulu|jou",
		"sunnuntai|su|sunnuntaina maanantai|ma|maanantaina tiistai|ti|tiistaina keskiviikko|ke|keskiviikkona torstai|to|torstaina perjantai|pe|perjantaina lauantai|la|lauantaina", "tänään", "eilen", "toissapäivänä",
		"sekunti|sekuntia minuutti|minuuttia|min tunti|tuntia päivä|päivää viikko|viikkoa kuukausi|kuukautta vuosi|vuotta", "hetki sitten|juuri nyt", "sitten", "yksi"},
	{"hu", "január|jan február|feb|febr március|márc|már április|ápr május|máj június|jún július|júl augusztus|aug szeptember|szept|szep október|okt november|nov december|dec",
		"vasárnap|vas hétfő|hét kedd szerda|sze csütörtök|csüt péntek|pén szombat|szo", "ma", "tegnap", "tegnapelőtt",
		"másodperc|másodperce|másodperccel perc|perce|perccel óra|órája|órával nap|napja|nappal hét|hete|héttel hónap|hónapja|hónappal év|éve|évvel", "most|az imént|pillanattal ezelőtt", "ezelőtt", "egy"},
	{"ro", "ianuarie|ian februarie|feb martie|mar aprilie|apr mai iunie|iun iulie|iul august|aug septembrie|sep|sept octombrie|oct noiembrie|noi|nov decembrie|dec",
		"duminică|dum luni|lun marți|marti|mar miercuri|mie joi vineri|vin sâmbătă|sâm", "astăzi|azi", "ieri", "alaltăieri",
		"secundă|secunde minut|minute oră|ore zi|zile săptămână|săptămâni lună|luni an|ani", "chiar acum|acum câteva momente", "acum|în urmă", "un|o"},
	{"tr", "ocak|oca şubat|şub mart|mar nisan|nis mayıs|may haziran|haz temmuz|tem ağustos|ağu eylül|eyl ekim|eki kasım|kas aralık|ara",
		"pazar|paz pazartesi|pzt salı|sal çarşamba|çar perşembe|per cuma|cum cumartesi|cmt", "bugün", "dün", "evvelsi gün",
		"saniye|sn dakika|dk saat|sa gün hafta ay yıl|yil", "az önce|şimdi|biraz önce", "önce", "bir"},
	{"el", "ιανουάριος|ιανουαρίου|ιαν φεβρουάριος|φεβρουαρίου|φεβ μάρτιος|μαρτίου|μαρ|μάρ απρίλιος|απριλίου|απρ μάιος|μαΐου|μαΐ|μάι ιούνιος|ιουνίου|ιούν|ιουν ιούλιος|ιουλίου|ιούλ|ιουλ αύγουστος|αυγούστου|αύγ|αυγ σεπτέμβριος|σεπτεμβρίου|σεπ|σεπτ οκτώβριος|οκτωβρίου|οκτ νοέμβριος|νοεμβρίου|νοέ|νοε δεκέμβριος|δεκεμβρίου|δεκ",
		"κυριακή|κυρ δευτέρα|δευ τρίτη|τρί|τρι τετάρτη|τετ πέμπτη|πέμ|πεμ παρασκευή|παρ σάββατο|σάβ|σαβ", "σήμερα", "χθες|χτες|εχθές", "προχθές",
		"δευτερόλεπτο|δευτερόλεπτα λεπτό|λεπτά ώρα|ώρες ημέρα|ημέρες|μέρες εβδομάδα|εβδομάδες μήνας|μήνες|μήνα έτος|έτη|χρόνια|χρόνο", "μόλις τώρα|πριν λίγο", "πριν", "ένα|μία|μια"},
	{"bg", "януари|яну февруари|фев март|мар април|апр май юни|юн юли|юл август|авг септември|сеп|септ октомври|окт ноември|ное декември|дек",
		"неделя|нед понеделник|пон вторник|вто сряда|сря четвъртък|чет петък|пет събота|съб", "днес", "вчера", "завчера",
		"секунда|секунди минута|минути час|часа ден|дни|дена седмица|седмици месец|месеца година|години", "току-що|преди малко", "преди", "един|една|едно"},
	{"ar", "يناير|كانون_الثاني فبراير|شباط مارس|آذار أبريل|ابريل|إبريل|نيسان مايو|أيار يونيو|حزيران يوليو|تموز أغسطس|اغسطس|آب سبتمبر|أيلول أكتوبر|اكتوبر|تشرين_الأول نوفمبر|تشرين_الثاني ديسمبر|كانون_الأول",
		"الأحد الاثنين|الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت", "اليوم", "أمس|بالأمس|البارحة", "أول أمس",
		"ثانية|ثواني|ثوان دقيقة|دقائق ساعة|ساعات يوم|أيام أسبوع|أسابيع شهر|أشهر سنة|سنوات", "الآن|منذ لحظات|قبل لحظات", "منذ|قبل|مضت", "واحد"},
	{"id", "januari|jan februari|feb maret|mar april|apr mei juni|jun juli|jul agustus|agu|agt september|sep|sept oktober|okt november|nov desember|des",
		"minggu|min senin|sen selasa|sel rabu|rab kamis|kam jumat|jum sabtu|sab", "hari ini", "kemarin|semalam", "kemarin dulu",
		"detik menit jam hari minggu bulan tahun", "baru saja|baru-baru ini", "lalu|yang lalu", "satu"},
	{"hr", "siječanj|siječnja|sij|januar|januara|jan veljača|veljače|velj|vel|februar|februara|feb ožujak|ožujka|ožu|mart|marta|mar travanj|travnja|tra|april|aprila|apr svibanj|svibnja|svi|maj|maja lipanj|lipnja|lip|juni|juna|jun srpanj|srpnja|srp|juli|jula|jul kolovoz|kolovoza|kol|august|augusta|avgust|avgusta|avg|aug rujan|rujna|ruj|septembar|septembra|sep listopad|listopada|lis|oktobar|oktobra|okt studeni|studenog|studenoga|stu|novembar|novembra|nov prosinac|prosinca|pro|decembar|decembra|dec",
		"nedjelja|nedelja|ned ponedjeljak|ponedeljak|pon utorak|uto srijeda|sreda|sri|sre četvrtak|čet petak|pet subota|sub", "danas", "jučer|juče", "prekjučer",
		"sekunda|sekunde|sekundi|sekundu minuta|minute|minutu|min sat|sata|sati dan|dana tjedan|tjedna|nedelja|nedelje mjesec|mjeseca|mjeseci|mesec|meseca|meseci godina|godine|godinu", "upravo sada|maloprije", "prije|pre", "jednu|jedan"},
	{"sr", "јануар|јануара|јан фебруар|фебруара|феб март|марта|мар април|априла|апр мај|маја јун|јуна јул|јула август|августа|авг септембар|септембра|сеп октобар|октобра|окт новембар|новембра|нов децембар|децембра|дец",
		"недеља|нед понедељак|пон уторак|уто среда|сре четвртак|чет петак|пет субота|суб", "данас", "јуче", "прекјуче",
		"секунда|секунде|секунди минут|минута|минуте сат|сата|сати дан|дана недеља|недеље месец|месеца|месеци година|године", "управо сада", "пре", "један|једну"},
	{"sk", "január|januára|jan február|februára|feb marec|marca|mar apríl|apríla|apr máj|mája jún|júna júl|júla august|augusta|aug september|septembra|sep október|októbra|okt november|novembra|nov december|decembra|dec",
		"nedeľa|ned pondelok|pon utorok|uto streda|str štvrtok|štv piatok|pia sobota|sob", "dnes", "včera", "predvčerom",
		"sekunda|sekundy|sekúnd|sekundami minúta|minúty|minút|minútami|minútou hodina|hodiny|hodín|hodinami|hodinou deň|dni|dní|dňami|dňom týždeň|týždne|týždňov|týždňami|týždňom mesiac|mesiace|mesiacov|mesiacmi|mesiacom rok|roky|rokov|rokmi|rokom", "pred chvíľou|práve teraz", "pred", "jednou|jedným"},
	{"sl", "januar|januarja|jan februar|februarja|feb marec|marca|mar april|aprila|apr maj|maja junij|junija|jun julij|julija|jul avgust|avgusta|avg september|septembra|sep oktober|oktobra|okt november|novembra|nov december|decembra|dec",
		"nedelja|ned ponedeljek|pon torek|tor sreda|sre četrtek|čet petek|pet sobota|sob", "danes", "včeraj", "predvčerajšnjim",
		"sekunda|sekunde|sekund|sekundami minuta|minute|minut|minutami ura|ure|ur|urami dan|dni|dnevi|dnem teden|tedni|tedna|tednom mesec|meseci|meseca|mesecem leto|leti|leta|let", "pravkar", "pred", "eno|enim"},
	{"et", "jaanuar|jaan veebruar|veebr|veeb märts aprill|apr mai juuni|juun juuli|juul august|aug september|sept|sep oktoober|okt november|nov detsember|dets",
		"pühapäev esmaspäev teisipäev kolmapäev neljapäev reede laupäev", "täna", "eile", "üleeile",
		"sekund|sekundit minut|minutit tund|tundi päev|päeva nädal|nädalat kuu|kuud aasta|aastat", "just praegu", "tagasi", "üks"},
	{"lt", "sausis|sausio|sau vasaris|vasario|vas kovas|kovo|kov balandis|balandžio|bal gegužė|gegužės|geg birželis|birželio|bir liepa|liepos|lie rugpjūtis|rugpjūčio|rgp rugsėjis|rugsėjo|rgs spalis|spalio|spa lapkritis|lapkričio|lap gruodis|gruodžio|gru",
		"sekmadienis|sek pirmadienis|pir antradienis|ant trečiadienis|tre ketvirtadienis|ket penktadienis|pen šeštadienis|šeš", "šiandien", "vakar", "užvakar",
		"sekundė|sekundes|sekundžių minutė|minutes|minučių|min valanda|valandas|valandų|val diena|dienas|dienų savaitė|savaites|savaičių mėnuo|mėnesius|mėnesių metai|metus|metų", "ką tik", "prieš", "vieną"},
	{"lv", "janvāris|janvārī|jan februāris|februārī|feb marts|martā|mar aprīlis|aprīlī|apr maijs|maijā|mai jūnijs|jūnijā|jūn jūlijs|jūlijā|jūl augusts|augustā|aug septembris|septembrī|sep oktobris|oktobrī|okt novembris|novembrī|nov decembris|decembrī|dec",
		"svētdiena pirmdiena otrdiena trešdiena ceturtdiena piektdiena sestdiena", "šodien", "vakar", "aizvakar",
		"sekunde|sekundes|sekundēm minūte|minūtes|minūtēm stunda|stundas|stundām diena|dienas|dienām nedēļa|nedēļas|nedēļām mēnesis|mēneši|mēnešiem gads|gadi|gadiem", "tikko", "pirms", "viena"},
	{"ca", "gener|gen febrer|febr|feb març|mar abril|abr maig|mai juny|jun juliol|jul agost|ago setembre|set octubre|oct novembre|nov desembre|des",
		"diumenge|dg dilluns|dl dimarts|dt dimecres|dc dijous|dj divendres|dv dissabte|ds", "avui", "ahir", "abans-d'ahir",
		"segon|segons minut|minuts hora|hores dia|dies setmana|setmanes mes|mesos any|anys", "ara mateix|fa un moment", "fa", "un|una"},
	{"is", "janúar|jan febrúar|feb mars|mar apríl|apr maí júní|jún júlí|júl ágúst|ágú september|sep október|okt nóvember|nóv desember|des",
		"sunnudagur|sun mánudagur|mán þriðjudagur|þri miðvikudagur|mið fimmtudagur|fim föstudagur|fös laugardagur|lau", "í dag", "í gær", "í fyrradag",
		"sekúnda|sekúndum mínúta|mínútum klukkustund|klukkustundum|klst dagur|dögum vika|vikum mánuður|mánuðum ár|árum", "rétt í þessu", "fyrir", "einni|einum"},
	{"eu", "urtarrila|urt otsaila|ots martxoa|mar apirila|api maiatza|mai ekaina|eka uztaila|uzt abuztua|abu iraila|ira urria|urr azaroa|aza abendua|abe",
		"igandea|ig astelehena|al asteartea|ar asteazkena|az osteguna|og ostirala|or larunbata|lr", "gaur", "atzo", "herenegun",
		"segundo minutu ordu egun aste hilabete urte", "oraintxe", "duela", "bat"},
	{"ku", "کانوونی_دووەم|ڕێبەندان شوبات|ڕەشەمە ئازار|نەورۆز نیسان|خاکەلێوە ئایار|گوڵان حوزەیران|جۆزەردان تەمموز|تەممووز|پووشپەڕ ئاب|گەلاوێژ ئەیلوول|خەرمانان تشرینی_یەکەم|ڕەزبەر تشرینی_دووەم|گەڵاڕێزان کانوونی_یەکەم|سەرماوەز",
		"یەکشەممە|یەک_شەممە دووشەممە|دوو_شەممە سێشەممە|سێ_شەممە چوارشەممە|چوار_شەممە پێنجشەممە|پێنج_شەممە هەینی شەممە", "ئەمڕۆ", "دوێنێ", "پێرێ",
		"چرکە خولەک کاتژمێر ڕۆژ هەفتە مانگ ساڵ", "هەر ئێستا", "لەمەوبەر|پێش", "یەک"},
	{"fa", "ژانویه|ژانویهٔ فوریه|فوریهٔ مارس آوریل مه|می ژوئن|جون ژوئیه|جولای اوت|آگوست|آگست سپتامبر اکتبر نوامبر دسامبر",
		"یکشنبه دوشنبه سه_شنبه چهارشنبه پنجشنبه|پنج_شنبه جمعه شنبه", "امروز", "دیروز", "پریروز",
		"ثانیه دقیقه ساعت روز هفته ماه سال", "همین الان|لحظاتی پیش", "پیش|قبل", "یک"},
	{"he", "ינואר|ינו פברואר|פבר מרץ אפריל|אפר מאי יוני|יונ יולי|יול אוגוסט|אוג ספטמבר|ספט אוקטובר|אוק נובמבר|נוב דצמבר|דצמ",
		"ראשון שני שלישי רביעי חמישי שישי שבת", "היום", "אתמול", "שלשום",
		"שנייה|שניות|שניה דקה|דקות שעה|שעות יום|ימים שבוע|שבועות חודש|חודשים שנה|שנים", "הרגע|לפני רגע", "לפני", "אחת|אחד"},
	{"th", "มกราคม|ม.ค กุมภาพันธ์|ก.พ มีนาคม|มี.ค เมษายน|เม.ย พฤษภาคม|พ.ค มิถุนายน|มิ.ย กรกฎาคม|ก.ค สิงหาคม|ส.ค กันยายน|ก.ย ตุลาคม|ต.ค พฤศจิกายน|พ.ย ธันวาคม|ธ.ค",
		"อาทิตย์ จันทร์ อังคาร พุธ พฤหัสบดี|พฤหัสฯ ศุกร์ เสาร์", "วันนี้", "เมื่อวาน|เมื่อวานนี้", "",
		"วินาที นาที ชั่วโมง|ชม วัน สัปดาห์ เดือน ปี", "เมื่อสักครู่", "ที่แล้ว|ที่ผ่านมา", ""},
	{"vi", "", "chủ_nhật|cn thứ_hai|thứ_2|t2 thứ_ba|thứ_3|t3 thứ_tư|thứ_4|t4 thứ_năm|thứ_5|t5 thứ_sáu|thứ_6|t6 thứ_bảy|thứ_7|t7", "hôm nay", "hôm qua", "", "giây phút giờ ngày tuần tháng|thg năm", "vừa xong|mới đây", "trước", "một"},
	{"zh", "", "星期日|星期天|周日|週日 星期一|周一|週一 星期二|周二|週二 星期三|周三|週三 星期四|周四|週四 星期五|周五|週五 星期六|周六|週六", "今天|今日", "昨天|昨日", "前天|前日", "秒 分钟|分鐘 小时|小時|个小时|個小時 天 周|星期|週 月|个月|個月 年", "刚刚|剛剛|刚才|剛才", "前", ""},
	{"ja", "", "日曜日|日曜 月曜日|月曜 火曜日|火曜 水曜日|水曜 木曜日|木曜 金曜日|金曜 土曜日|土曜", "今日|本日", "昨日|きのう", "一昨日|おととい", "秒 分 時間 日 週間 ヶ月|か月|ヵ月|カ月|ケ月|箇月 年", "たった今|先ほど", "前", ""},
	{"ko", "", "일요일 월요일 화요일 수요일 목요일 금요일 토요일", "오늘", "어제", "그저께|그제", "초 분 시간 일|하루 주 개월|달 년", "방금|조금 전", "전", "한"},
}

// rareLangs are tried on pages in these languages and on those that do not say
// theirs: most texts that are tried are no dates, and each language costs.
var rareLangs = map[string]bool{"hr": true, "sr": true, "sk": true, "sl": true, "et": true, "lt": true, "lv": true, "ca": true, "is": true, "eu": true, "ku": true, "fa": true, "he": true, "th": true}

// wordTables are the languages' tables by their tag. It is never changed.
var wordTables = buildWords()

// wordOrder is the order in which languages are tried when the page's own says
// nothing of a text.
var wordOrder = langOrder()

// lexicon is what all languages' tables together hold, and which of them: a
// language that says nothing in a text need not be tried.
var lexicon = buildLexicon()

type lexiconOf struct {
	words   map[string]uint64 // that stand as words of their own, with the languages' bits
	phrases []phrase          // that are looked for anywhere in a text
	plain   []phrase          // those of ASCII letters
}

// phrase is something that languages say in several words, or write within
// others.
type phrase struct {
	text  string
	bits  uint64
	bytes uint64 // as bytesOf
}

func buildLexicon() lexiconOf {
	x := lexiconOf{words: map[string]uint64{}}
	phrases := map[string]uint64{}
	for _, tag := range wordOrder {
		w := wordTables[tag]
		add := func(form string) {
			if isPhrase(form) {
				phrases[form] |= w.bit
			} else {
				x.words[form] |= w.bit
			}
		}
		for form := range w.months {
			x.words[tokens(nil, form)[0].text] |= w.bit
		}
		for form := range w.weekdays {
			add(form)
		}
		for form := range w.units {
			x.words[tokens(nil, form)[0].text] |= w.bit
			if !isParted(form) && isWordRune(form) {
				phrases[form] |= w.bit
			}
		}
		for _, form := range w.now {
			phrases[form] |= w.bit
		}
		for form := range w.days {
			add(form)
		}
	}
	for _, text := range slices.Sorted(maps.Keys(phrases)) {
		x.add(phrase{text, phrases[text], bytesOf(text)})
	}
	return x
}

func (x *lexiconOf) add(p phrase) {
	x.phrases = append(x.phrases, p)
	if isASCII(p.text) {
		x.plain = append(x.plain, p)
	}
}

// bytesOf are bits for the bytes that a text has: what holds another text has all
// of that one's.
func bytesOf(s string) uint64 {
	bits := uint64(0)
	for i := range len(s) {
		bits |= 1 << (s[i] & 63)
	}
	return bits
}

// isPhrase tells words that are looked for anywhere in a text: several, or of a
// script that does not part them.
func isPhrase(form string) bool {
	return strings.ContainsAny(form, " -'’") || !isWordRune(form)
}

func langOrder() []string {
	out := make([]string, 0, len(wordSources))
	for _, s := range wordSources {
		out = append(out, s.lang)
	}
	return out
}

func buildWords() map[string]*words {
	tables := make(map[string]*words, len(wordSources))
	for i, s := range wordSources {
		tables[s.lang] = s.table()
		tables[s.lang].bit = 1 << i
	}
	tables["no"], tables["nn"] = tables["nb"], tables["nb"]
	tables["be"], tables["ms"], tables["mk"] = tables["ru"], tables["id"], tables["sr"]
	tables["ckb"], tables["bs"], tables["me"] = tables["ku"], tables["hr"], tables["hr"]
	tables["sr"].add(tables["hr"]) // Serbian is written in Latin letters too
	for form, month := range maps.Clone(tables["he"].months) {
		tables["he"].months["ב"+form] = month // "3 בפברואר": "in" is part of the word
	}
	return tables
}

func (s wordSource) table() *words {
	w := &words{months: map[string]int{}, weekdays: map[string]int{}, days: map[string]int{}, units: map[string]unit{}}
	each(s.months, func(i int, form string) { w.months[form] = i + 1 })
	each(s.weekdays, func(i int, form string) { w.weekdays[form] = i })
	for i, list := range []string{s.today, s.yesterday, s.beforeYesterday} {
		for _, form := range split(list) {
			w.days[form] = -i
		}
	}
	kinds := [...]unit{uSecond, uMinute, uHour, uDay, uWeek, uMonth, uYear}
	each(s.units, func(i int, form string) { w.units[form] = kinds[i] })
	w.now, w.ago, w.one = split(s.now), split(s.ago), split(s.one)
	w.dayForms = slices.Sorted(maps.Keys(w.days))
	w.longMonths, w.longWeekdays = hasLong(w.months), hasLong(w.weekdays)
	return w
}

func hasLong(forms map[string]int) bool {
	for form := range forms {
		if strings.Contains(form, " ") {
			return true
		}
	}
	return false
}

// add takes the forms of a language that is written beside this one.
func (w *words) add(other *words) {
	addForms(w.months, other.months)
	addForms(w.weekdays, other.weekdays)
	addForms(w.days, other.days)
	w.dayForms = slices.Sorted(maps.Keys(w.days))
	addForms(w.units, other.units)
	w.now, w.ago, w.one = slices.Concat(w.now, other.now), slices.Concat(w.ago, other.ago), slices.Concat(w.one, other.one)
}

func addForms[V any](to, from map[string]V) {
	for form, v := range from {
		if _, has := to[form]; !has {
			to[form] = v
		}
	}
}

func each(list string, do func(i int, form string)) {
	for i, forms := range strings.Fields(list) {
		for form := range strings.SplitSeq(forms, "|") {
			if form = strings.TrimSuffix(form, "."); form != "" {
				do(i, strings.ReplaceAll(form, "_", " "))
			}
		}
	}
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, "|")
}
