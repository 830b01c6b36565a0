package extract

import (
	"forumine/extract/engine/mybb"
	"forumine/extract/engine/phpbb3"
	"forumine/extract/engine/smf"
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
		phpbb3.Engine{},
		smf.Engine{},
		mybb.Engine{},
	}
}
