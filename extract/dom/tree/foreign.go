package tree

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// isIntegrationPoint tells the elements of SVG that hold HTML.
func isIntegrationPoint(n *html.Node) bool {
	switch n.Data {
	case "desc", "foreignObject", "title":
		return n.Namespace != ""
	}
	return false
}

// insertForeign adds an element of SVG.
func (b *builder) insertForeign(t *tag) {
	for i := range t.attrs {
		a := &t.attrs[i]
		if name, ok := svgAttrs[a.Key]; ok {
			a.Key = name
		}
		if space, name, ok := strings.Cut(a.Key, ":"); ok && isForeignAttr(a.Key) {
			a.Namespace, a.Key = space, name
		}
	}
	b.insert(t).Namespace = "svg"
	if t.selfClosing {
		b.pop()
	}
}

func isForeignAttr(key string) bool {
	switch key {
	case "xlink:actuate", "xlink:arcrole", "xlink:href", "xlink:role", "xlink:show", "xlink:title", "xlink:type", "xml:lang", "xml:space", "xmlns:xlink":
		return true
	}
	return false
}

// startForeign reads a start tag within SVG. One of HTML's ends it: that is
// left to x/net.
func (b *builder) startForeign(t *tag) bool {
	if endsForeign(t) {
		b.stop = true
		return true
	}
	if name, ok := svgTags[t.name]; ok {
		t.name, t.atom = name, atom.Lookup([]byte(name))
	}
	b.insertForeign(t)
	return true
}

func endsForeign(t *tag) bool {
	switch t.name {
	case "b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em", "embed", "h1", "h2", "h3", "h4", "h5", "h6",
		"head", "hr", "i", "img", "li", "listing", "menu", "meta", "nobr", "ol", "p", "pre", "ruby", "s", "small", "span", "strong", "strike",
		"sub", "sup", "table", "tt", "u", "ul", "var":
		return true
	case "font":
		return hasAttr(t.attrs, "color") || hasAttr(t.attrs, "face") || hasAttr(t.attrs, "size")
	}
	return false
}

// endForeign reads an end tag within SVG.
func (b *builder) endForeign(t *tag) bool {
	for i, v := range slices.Backward(b.open) {
		if strings.EqualFold(v.Data, t.name) {
			b.popTo(i)
			return true
		}
		if i > 0 && b.open[i-1].Namespace == "" {
			break
		}
	}
	return b.endIn(t)
}

// svgTags and svgAttrs spell the names of SVG that are not all lower case
// (HTML standard §13.2.6.1 and §13.2.6.5).
var (
	svgTags = spellings(`altGlyph altGlyphDef altGlyphItem animateColor animateMotion animateTransform clipPath feBlend feColorMatrix
		feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feFlood feFuncA feFuncB feFuncG
		feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile
		feTurbulence foreignObject glyphRef linearGradient radialGradient textPath`)
	svgAttrs = spellings(`attributeName attributeType baseFrequency baseProfile calcMode clipPathUnits diffuseConstant edgeMode filterUnits
		glyphRef gradientTransform gradientUnits kernelMatrix kernelUnitLength keyPoints keySplines keyTimes lengthAdjust limitingConeAngle
		markerHeight markerUnits markerWidth maskContentUnits maskUnits numOctaves pathLength patternContentUnits patternTransform patternUnits
		pointsAtX pointsAtY pointsAtZ preserveAlpha preserveAspectRatio primitiveUnits refX refY repeatCount repeatDur requiredExtensions
		requiredFeatures specularConstant specularExponent spreadMethod startOffset stdDeviation stitchTiles surfaceScale systemLanguage
		tableValues targetX targetY textLength viewBox viewTarget xChannelSelector yChannelSelector zoomAndPan`)
)

func spellings(names string) map[string]string {
	out := map[string]string{}
	for name := range strings.FieldsSeq(names) {
		out[strings.ToLower(name)] = name
	}
	return out
}
