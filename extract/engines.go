package extract

import (
	"forumine/extract/engine/bbpress"
	"forumine/extract/engine/discourse"
	"forumine/extract/engine/discuz"
	"forumine/extract/engine/flarum"
	"forumine/extract/engine/fluxbb"
	"forumine/extract/engine/generic"
	"forumine/extract/engine/gnuboard"
	"forumine/extract/engine/invision2"
	"forumine/extract/engine/invision3"
	"forumine/extract/engine/invision4"
	"forumine/extract/engine/invision5"
	"forumine/extract/engine/mybb"
	"forumine/extract/engine/nodebb"
	"forumine/extract/engine/phpbb2"
	"forumine/extract/engine/phpbb3"
	"forumine/extract/engine/pttweb"
	"forumine/extract/engine/punbb"
	"forumine/extract/engine/smf"
	"forumine/extract/engine/vanilla"
	"forumine/extract/engine/vbulletin3"
	"forumine/extract/engine/vbulletin4"
	"forumine/extract/engine/vbulletin5"
	"forumine/extract/engine/woltlab"
	"forumine/extract/engine/wpforo"
	"forumine/extract/engine/xenforo1"
	"forumine/extract/engine/xenforo2"
	"forumine/extract/engine/xenforo2vs"
)

// Engines lists the engines in the order in which equal scores are settled.
func Engines() []Engine {
	return []Engine{
		xenforo1.Engine{},
		xenforo2.Engine{},
		xenforo2vs.Engine{},
		phpbb2.Engine{},
		phpbb3.Engine{},
		vbulletin3.Engine{},
		vbulletin4.Engine{},
		vbulletin5.Engine{},
		invision2.Engine{},
		invision3.Engine{},
		invision4.Engine{},
		invision5.Engine{},
		smf.Engine{},
		mybb.Engine{},
		discourse.Engine{},
		nodebb.Engine{},
		flarum.Engine{},
		vanilla.Engine{},
		fluxbb.Engine{},
		punbb.Engine{},
		bbpress.Engine{},
		wpforo.Engine{},
		woltlab.Engine{},
		discuz.Engine{},
		gnuboard.Engine{},
		pttweb.Engine{},
		generic.Engine{}, // last: it reads what no other claims
	}
}
