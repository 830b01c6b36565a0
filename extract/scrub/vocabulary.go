package scrub

import (
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/xf2"
)

// Words that carry structure stay as they are: without them dates, labels and
// attributions could not be read any more. The lists here complete those of
// extract/dom.

// interfaceWords are words of forums' interfaces and the names of their
// programs.
const interfaceWords = `
page pages of said wrote quote quoted quotes originally posted by click expand reply replies replied view views viewed thread threads topic topics
forum forums post posts guest guests anonymous deleted member members edited edit last modified moderator moderators administrator administrators admin
this like likes liked reaction reactions and others other more people person joined join date messages message location time times total reason at on in
powered version user users online new started starter closed locked sticky pinned moved solved solution answer answers question questions vote votes
comment comments attachment attachments size download downloads kb mb gb kib mib bytes byte am pm gmt utc spoiler code re fwd activity active visit seen
st nd rd th er ad promoted sponsored first next previous prev
jpg jpeg png gif webp svg pdf zip rar txt log csv doc docx xls xlsx mp mov webm html htm php tb k
userlikes usercomments userpagevisits no
global youtube vimeo default keymaster participant spectator blocked n
phpbb xenforo vbulletin discourse invision ipboard mybb smf simple machines nodebb flarum vanilla fluxbb punbb bbpress wordpress woltlab discuz wpforo
schrieb sagte geschrieben hat zitat beitrag beiträge antworten antwort seite von uhr um am thema themen gast benutzer mitglied
écrit dit citation réponse réponses page sur invité membre le à par message sujet sujets
escribió dijo cita respuesta respuestas página de invitado usuario tema temas a las
scritto detto citazione risposta risposte pagina di ospite utente alle
escreveu disse citação página convidado membro tópico tópicos às
schreef zei citaat pagina van gast lid onderwerp onderwerpen om
napisał napisała cytat strona z gość użytkownik temat tematy
писал написал написала пише сказал сказала цитата страница из гость участник тема темы от в сообщение
kirjoitti skrev yazdı dedi sida side sivu kl klo klockan
сторінка гість
gửi lúc đăng bài được sửa
作者 看板 標題 時間 站內 發信人 發信站 文章網址 引述 之銘言 发表于 發表於 发表 發表 本帖最后由 本帖最後由 于 於 编辑 編輯 楼主 樓主 沙发 沙發 板凳 地板 匿名 游客 遊客 参与人数 參與人數 下载次数 下載次數 置顶 置頂 写道 寫道 说道 說道 上午 下午 凌晨 晚上 回复 回覆 引用 页 頁 第 共 年 月 日 時 时 分 午前 午後 返信 ページ さんの発言 さんは さんが 오전 오후 작성`

// interfaceStems begin words that tell roles and counters in any of their
// forms.
var interfaceStems = []string{"moder", "модер", "admin", "админ", "repl", "antwort", "répon", "repon", "respue", "rispost", "respost", "reacti", "ответ", "відпов", "odpow", "odpov", "vastau", "válasz", "răspun", "yanıt", "cevap", "απαντ"}

// addressWords are the words of which forums' programs build their addresses.
const addressWords = `
index home main php html htm asp aspx cgi pl do jsp xml json rss atom feed feeds css js mjs min map png jpg jpeg gif webp svg ico bmp avif heic pdf zip rar gz txt log csv mp3 mp4 webm mov ogg wav doc docx xls xlsx woff woff2 ttf eot otf
thread threads topic topics discussion discussions question questions q questionnaire showthread viewtopic showtopic t d tid post posts showpost p pid msg message messages comment comments findcomment getnewcomment getlastcomment entry reply replies newreply latest unread last lastpost new newpost first goto next prev nextnewest nextoldest
forum forums board boards forumdisplay viewforum showforum f fid category categories c cid cat node nodes list forumhome community communities bbs foro foros forumz
member members user users u uid profile profiles viewprofile memberlist showuser people account accounts author authors avatar avatars customavatars useravatar user_avatar letter letters proxy space home group groups usergroups about
page pages pg start st offset limit per order sort sortby sortdirection direction asc desc view mode action act app module controller section sub area do what id ids type types key keys hash token s sid session
login logout log in out signin signup sign register registration lost password lostpassword ucp mcp misc memberlist faq help terms privacy policy rules contact cookie cookies tos legal whats find search results advanced calendar online stats who leaderboard staff team watch watched subscribe subscription notifications notification conversations report share print printthread printable archive sitemap quote edit delete vote votes like likes react reactions reaction rate rating ratings bookmark bookmarks ignore permalink embed oembed api ajax rest data cdn cgi email protection uploads upload monthly files file attachment attachments attach dlattach filedata fetch download downloads image images img imgs media gallery picture pictures pics photo photos thumb thumbs thumbnail thumbnails preview styles style style_css themes theme default templates template assets asset static public dist build lib libs vendor vendors packages plugins plugin wp content includes bbpress buddypress applications interface resources resource javascript jscripts clientscript scripts script stylesheets fonts font icons icon iconset sprite sprites buttons button misc statusicon smilies smileys smiles smilie smiley emoticons emoticon mime emoji emojis twemoji twitter custom original optimized optimised large small medium mini tiny full big logo logos favicon apple touch banner banners flags flag ranks rank prefix prefixes tag tags tagged badges badge
prosilver subsilver subsilver2 phpbb phpbb3 xenforo xf vbulletin vb vbulletin_global vbulletin_menu vbulletin_md5 vbulletin_important vbulletin-core vbulletin_read_marker vbulletin_css core discourse invision ipb ips ipboard mybb smf nodebb flarum vanilla fluxbb punbb wordpress tapatalk redactor ckeditor jquery bootstrap fontawesome
global general_js thread_js read marker menu md important redirect closed locked lock sticky pinned moved poll polls pollbar poll_center poll_locked threadclosed thread_closed solved newthread forum_link offlink folder old hot dot button_topic_locked viewpost user_online user_offline noavatar no nophoto none blank clear spacer pixel transparent gravatar unknown
announcement announcements syndication portal blog blogs article articles news events event clubs club store shop help resource lang language languages en de fr es it pt nl pl ru locale utf time timezone date day year week month all top popular recent hot trending active activity unanswered unsolved mark markread jump jumpto go to from by ref source utm campaign medium redirect_to return returnto url href link out external away
http https www schema org ogp w3 com net info
middle viewthread forumdisplay redirect findpost ptid gid authorid fromuid logging connect magic medal favorite favatar waterfall follow collection archiver viewratings postreview support against recommend subtract special reward rewardtype specialtype typeid sortid ordertype filter orderby dateline nextoldset nextnewset paged wpfpaged postid topicid participant recent add-topic community communities comunidad comunidade comunita communaute gemeinschaft foren usergroup spacecp do mobile touch none settop filetype attachicons stamp pin folder_lock folder_new folder_common pollsmall rewardsmall digest heats hot back seccode tag dashboard uc_server discuz comsenz read cgi readcgi test res bo_table wr_id
iconadmin icongmod iconmod staradmin stargmod starmod star stars shield defaulticon placeholder anonymous photo user_avatar noavatar info location male female l m o h letter_avatar_proxy letter_avatar forumid threadid postid userid attachmentid styleid langid true false yes no guest anonymous`

// tables are the closed lists in the form in which they are asked.
type tables struct {
	words   map[string]bool // interface words, lower case
	labels  map[string]bool // words of labels, folded by dom.Slug
	address map[string]bool
	langs   map[string]bool // whose date words stay
	months  []monthTable    // in the order in which languages are tried
}

func newTables() *tables {
	t := &tables{words: map[string]bool{}, labels: map[string]bool{}, address: map[string]bool{}, langs: map[string]bool{}}
	t.addWords(strings.Fields(interfaceWords))
	t.addWords(dom.AttributionPhrases())
	t.addWords(dom.Nobodies())
	for _, w := range slices.Concat(dom.LabelWords(), xf2.Words()) {
		t.labels[w] = true
	}
	for w := range strings.FieldsSeq(addressWords) {
		for _, part := range letterRuns(w) {
			t.address[part] = true
		}
	}
	t.months = monthTables()
	return t
}

// addWords adds phrases word by word; what is written without spaces stays
// whole.
func (t *tables) addWords(phrases []string) {
	for _, phrase := range phrases {
		for _, w := range letterRuns(phrase) {
			t.words[w] = true
		}
	}
}

// addLanguage adds the words of one language's dates.
func (t *tables) addLanguage(lang string) {
	if !t.langs[lang] {
		t.langs[lang] = true
		t.addWords(dom.DateWords(lang))
	}
}

func (t *tables) isInterface(lower string) bool {
	if t.words[lower] || t.labels[lower] || t.labels[dom.Slug(lower)] {
		return true
	}
	for _, stem := range interfaceStems {
		if strings.HasPrefix(lower, stem) {
			return true
		}
	}
	return false
}

// letterRuns gives the runs of letters of a text in lower case.
func letterRuns(s string) []string {
	var out []string
	for _, tok := range tokens(s) {
		if tok.kind == word {
			out = append(out, strings.ToLower(tok.text))
		}
	}
	return out
}

// Attributes whose value never holds anything of the page's own.
const plainAttributes = `lang dir type rel role width height colspan rowspan target method enctype media sizes align valign itemprop itemscope
property charset tabindex border cellpadding cellspacing color bgcolor face clear hspace vspace http-equiv for-type as crossorigin loading decoding fetchpriority
referrerpolicy async defer checked selected disabled readonly multiple required autocomplete autofocus maxlength minlength min max step rows cols wrap
aria-hidden aria-expanded aria-haspopup aria-pressed aria-current aria-live aria-checked aria-selected aria-disabled aria-modal aria-level
d fill stroke viewbox xmlns xmlns:xlink stroke-width stroke-linecap stroke-linejoin fill-rule clip-rule transform cx cy r rx ry x y x1 x2 y1 y2 points offset
stop-color gradientunits overflow version preserveaspectratio opacity frameborder allow allowfullscreen scrolling hidden open start reversed scope sandbox accesskey
datatype typeof vocab prefix nowrap noshade cellspace itemtype spellcheck translate draggable contenteditable accept accept-charset novalidate shape coords`

// addressAttributes hold an address.
const addressAttributes = `href src action data-href data-url data-src cite longdesc background formaction poster itemid about resource xlink:href data manifest
zoomfile file data-original data-lazy-src data-full data-link data-permalink profile data-quote-href data-preview-url data-page-url data-root codebase usemap data-lb-src`

// textAttributes hold words for readers.
const textAttributes = `title alt placeholder aria-label label summary value content abbr standby aria-description aria-roledescription prompt data-original-title`

func setOf(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[w] = true
	}
	return out
}
