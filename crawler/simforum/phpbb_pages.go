package simforum

import (
	"fmt"
	"strings"
)

func (m PHPBB) board(f *Forum, board, page int) (string, bool) {
	rows, _, ok := f.Rows(board, page)
	if !ok {
		return "", false
	}
	all := len(f.Boards[board])
	address := fmt.Sprintf("./viewforum.php?f=%d", board+1)
	bar := pagination(fmt.Sprintf("%d topics", all), address, page, (all+f.RowsAPage-1)/f.RowsAPage, f.RowsAPage)
	var b strings.Builder
	fmt.Fprintf(&b, `<h2 class="forum-title"><a href="%s">%s</a></h2>
	<div class="action-bar bar-top">%s</div>
	<div class="forumbg"><div class="inner">
		<ul class="topiclist topics">`, address, boardName(board), bar)
	for _, t := range rows {
		b.WriteString(m.row(t))
	}
	fmt.Fprintf(&b, "\n\t\t</ul></div></div>\n\t<div class=\"action-bar bar-bottom\">%s</div>", bar)
	return m.frame("viewforum", boardName(board), m.crumb(board), b.String()), true
}

func (m PHPBB) row(t *Thread) string {
	first, last := t.Posts[0], t.Posts[len(t.Posts)-1]
	return fmt.Sprintf(`
		<li class="row bg1">
			<dl class="row-item topic_read">
				<dt title="No unread posts">
					<div class="list-inner">
						<a href="./viewtopic.php?t=%d" class="topictitle">%s</a>
						<br />
						<span class="responsive-show left-box" style="display: none;">Replies: <strong>%d</strong></span>
						<div class="topic-poster responsive-hide left-box">
							by %s &raquo; %s
						</div>
					</div>
				</dt>
				<dd class="posts">%[3]d <dfn>Replies</dfn></dd>
				<dd class="views">%[6]d <dfn>Views</dfn></dd>
				<dd class="lastpost">
					<span><dfn>Last post </dfn>by %[7]s
							<a href="./viewtopic.php?p=%[8]d#p%[8]d" title="Go to last post"><i class="icon fa-external-link-square fa-fw icon-lightgray icon-md" aria-hidden="true"></i><span class="sr-only"></span></a>
						<br />%[9]s
					</span>
				</dd>
			</dl>
		</li>`, t.ID, m.Title(t), len(t.Posts)-1, m.userLink(first.ID), timeTag(first.At), 31*len(t.Posts), m.userLink(last.ID), last.ID, timeTag(last.At))
}

func (m PHPBB) thread(f *Forum, id, page int) (string, bool) {
	t, ok := f.Thread(id, page)
	if !ok {
		return "", false
	}
	address := fmt.Sprintf("./viewtopic.php?t=%d", id)
	bar := pagination(fmt.Sprintf("%d posts", len(t.Posts)), address, page, t.Pages(), f.PostsAPage)
	var b strings.Builder
	fmt.Fprintf(&b, `<h2 class="topic-title"><a href="%s">%s</a></h2>
	<div class="action-bar bar-top">
	<a href="./posting.php?mode=reply&amp;t=%d" class="button" title="Post a reply"><span>Post Reply</span></a>
	%s</div>`, address, m.Title(t), id, bar)
	posts, first := t.On(page)
	for i := range posts {
		b.WriteString(m.post(t, first+i))
	}
	fmt.Fprintf(&b, "\n\t<div class=\"action-bar bar-bottom\">%s</div>", bar)
	return m.frame("viewtopic", m.Title(t), m.crumb(t.Board), b.String()), true
}

// post is the post at an index of its thread.
func (m PHPBB) post(t *Thread, at int) string {
	p, first, title := t.Posts[at], ` class="first"`, m.Title(t)
	if at > 0 {
		first, title = "", "Re: "+title
	}
	return fmt.Sprintf(`
		<div id="p%d" class="post has-profile bg2">
		<div class="inner">
		<dl class="postprofile" id="profile%[1]d">
			<dt class="no-profile-rank no-avatar"><div class="avatar-container"></div>
				%s
			</dt>
		<dd class="profile-joined"><strong>Joined:</strong> Sun Jan 07, 2024 10:02 am</dd>
		</dl>
		<div class="postbody">
			<div id="post_content%[1]d">
			<h3%s>
				<a href="./viewtopic.php?p=%[1]d#p%[1]d">%s</a>
			</h3>
			<p class="author">
				<a class="unread" href="./viewtopic.php?p=%[1]d#p%[1]d" title="Post"><i class="icon fa-file fa-fw icon-lightgray icon-md" aria-hidden="true"></i><span class="sr-only">Post</span></a>
				<span class="responsive-hide">by <strong>%[2]s</strong> &raquo; </span>%[5]s
			</p>
			<div class="content">%[6]s%[7]s</div>
			%[8]s
			</div>
		</div>
		<div class="back2top"><a href="#top" class="top" title="Top"><span class="sr-only">Top</span></a></div>
		</div>
	</div>`, p.ID, m.userLink(p.ID), first, title, timeTag(p.At), m.quote(t, at), m.Text(p), m.edited(p))
}

func (m PHPBB) quote(t *Thread, at int) string {
	q, ok := m.Quoted(t, at)
	if !ok {
		return ""
	}
	id, name := m.Author(q.ID)
	words := vocabulary[q.ID%len(vocabulary)]
	return fmt.Sprintf(`<blockquote cite="./viewtopic.php?p=%d#p%[1]d"><div><cite><a href="./memberlist.php?mode=viewprofile&amp;u=%d">%s</a> wrote: <a href="./viewtopic.php?p=%[1]d#p%[1]d" aria-label="View quoted post" data-post-id="%[1]d"><i class="icon fa-arrow-circle-up fa-fw" aria-hidden="true"></i></a><span class="responsive-hide">%[4]s</span></cite>
it is the %[5]s</div></blockquote>
`, q.ID, id, name, shown(q.At), words)
}

func (m PHPBB) edited(p Post) string {
	if p.Version == 0 {
		return ""
	}
	times := "1 time"
	if p.Version > 1 {
		times = fmt.Sprintf("%d times", p.Version)
	}
	return fmt.Sprintf(`<div class="notice">
					Last edited by %s on %s, edited %s in total.
			</div>`, m.userLink(p.ID), shown(p.Edited), times)
}

// vocabulary is what people speak of.
var vocabulary = []string{
	"anvil", "barley", "copper", "dovetail", "ember", "fiddle", "gravel", "hinge", "inkwell", "juniper", "kettle", "lantern", "mortar", "needle",
	"orchard", "pulley", "quarry", "rafter", "saddle", "thimble", "umber", "velvet", "willow", "yarrow", "zither", "beacon", "cellar", "damson",
	"eaves", "flint", "gable", "hazel", "ivory", "jetty", "kiln", "ledger", "marsh", "nettle", "oakum", "pewter", "quill", "rudder", "sedge", "trestle",
}
