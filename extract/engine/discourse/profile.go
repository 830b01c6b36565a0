package discourse

import (
	"net/url"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

var (
	selPlainName  = dom.Sel("#main-outlet h1, #main-outlet h2, h2")
	selPlainAbout = dom.Sel("#main-outlet p")
	selPlainPhoto = dom.Sel("#main-outlet img[src*='avatar']")
)

// profile reads a member page from its data. What a hidden profile leaves out
// stays absent.
func (r *reader) profile(j dom.JSON) {
	a := r.user(j)
	a.ProfileSource = "profile_page"
	a.Title = j.At("title").Text()
	roles(a, j)
	for _, key := range [...]string{"primary_group_name", "flair_name"} {
		if name := j.At(key).Text(); name != "" && (len(a.Banners) == 0 || a.Banners[0] != name) {
			a.Banners = append(a.Banners, name)
		}
	}
	a.Joined = r.clock.Machine(j.At("created_at").Text(), "")
	a.LastActive = r.clock.Machine(j.At("last_seen_at").Text(), "")
	a.Location = j.At("location").Text()
	if site := j.At("website").Text(); site != "" {
		a.Websites = append(a.Websites, site)
	}
	if bio := j.At("bio_cooked").Text(); bio != "" {
		a.About = r.doc.ReadBody(r.rules, dom.Fragment(bio)).Body.Text
	}
	a.PostCount = j.At("post_count").Number()
	accountFields(a, j, "id")
	r.userFields(a, j)
	if j.At("profile_hidden").True() {
		r.gaps.Add("profile", "the account's owner has hidden the profile")
	}
	r.page.Profile = a
}

// userFields reads the site's own fields, which the data keys by number; the
// site's data names them.
func (r *reader) userFields(a *forum.Author, j dom.JSON) {
	card := dom.Card{Author: a, Clock: r.clock}
	labels := map[string]string{}
	for _, f := range r.data.At("site").Nested().At("user_fields").List() {
		labels[f.At("id").Text()] = f.At("name").Text()
	}
	values := j.At("user_fields")
	for _, id := range values.Keys() {
		value := values.At(id).Text()
		for _, item := range values.At(id).List() {
			if value != "" {
				value += ", "
			}
			value += item.Text()
		}
		card.Add("user_field_"+id, labels[id], value)
	}
}

// plainProfile reads the name, the picture and the words about oneself: the
// plain HTML shows no more.
func (r *reader) plainProfile(segment string) {
	name, err := url.PathUnescape(segment)
	if err != nil {
		name = segment
	}
	r.page.Kind = forum.KindProfile
	a := &forum.Author{ID: name, Name: name, URL: r.userURL(segment), ProfileSource: "profile_page"}
	if shown := dom.Text(r.doc.FirstOf(selPlainName)); shown != "" {
		a.Name = shown
	}
	a.About = dom.Text(r.doc.FirstOf(selPlainAbout))
	a.AvatarURL = r.avatar(r.doc.FirstOf(selPlainPhoto).AttrOr("src", ""))
	r.gaps.Add("profile.joined_at", "the plain HTML of a member page shows name and words only")
	r.page.Profile = a
}
