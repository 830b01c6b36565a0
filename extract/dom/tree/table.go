package tree

import (
	"slices"
	"strings"

	"golang.org/x/net/html/atom"
)

// clearTo pops the stack down to the table, the rows or the row that a tag
// belongs into.
func (b *builder) clearTo(names ...atom.Atom) {
	for i, v := range slices.Backward(b.open) {
		a := v.DataAtom
		if a == atom.Html || a == atom.Template {
			b.popTo(i + 1)
			return
		}
		if slices.Contains(names, a) {
			b.popTo(i + 1)
			return
		}
	}
}

// openScope opens an element that formatting does not reach into or out of.
func (b *builder) openScope(t *tag, m mode) {
	b.formats = append(b.formats, nil)
	b.insert(t)
	b.mode = m
}

// closeScope closes such an element.
func (b *builder) closeScope(m mode) {
	b.clearFormats()
	b.mode = m
}

func (b *builder) startInTable(t *tag) bool {
	switch t.atom {
	case atom.Caption:
		b.clearTo(atom.Table)
		b.openScope(t, inCaption)
		return true
	case atom.Colgroup:
		b.clearTo(atom.Table)
		b.insert(t)
		b.mode = inColumnGroup
		return true
	case atom.Col:
		b.startImplied(atom.Colgroup)
		return false
	case atom.Tbody, atom.Tfoot, atom.Thead:
		b.clearTo(atom.Table)
		b.insert(t)
		b.mode = inTableBody
		return true
	case atom.Td, atom.Th, atom.Tr:
		b.startImplied(atom.Tbody)
		return false
	case atom.Table:
		if b.popTableScope(atom.Table) {
			b.resetMode()
			return false
		}
		return true
	case atom.Style, atom.Script, atom.Template:
		return b.startInHead(t)
	case atom.Input:
		if isHiddenInput(t) {
			b.insertVoid(t)
			return true
		}
	case atom.Form:
		if b.form == nil && len(b.templates) == 0 {
			b.form = b.insert(t)
			b.pop()
		}
		return true
	}
	b.foster = true
	taken := b.startInBody(t)
	b.foster = false
	return taken
}

func isHiddenInput(t *tag) bool {
	for i := range t.attrs {
		if t.attrs[i].Key == "type" {
			return strings.EqualFold(t.attrs[i].Val, "hidden")
		}
	}
	return false
}

func (b *builder) endInTable(t *tag) bool {
	switch t.atom {
	case atom.Table:
		if b.popTableScope(atom.Table) {
			b.resetMode()
		}
		return true
	case atom.Body, atom.Caption, atom.Col, atom.Colgroup, atom.Html, atom.Tbody, atom.Td, atom.Tfoot, atom.Th, atom.Thead, atom.Tr:
		return true
	case atom.Template:
		b.endTemplate()
		return true
	}
	b.foster = true
	taken := b.endInBody(t)
	b.foster = false
	return taken
}

// resetMode finds the mode again that belongs to the open elements.
func (b *builder) resetMode() {
	for i, v := range slices.Backward(b.open) {
		switch v.DataAtom {
		case atom.Td, atom.Th:
			b.mode = inCell
		case atom.Tr:
			b.mode = inRow
		case atom.Tbody, atom.Thead, atom.Tfoot:
			b.mode = inTableBody
		case atom.Caption:
			b.mode = inCaption
		case atom.Colgroup:
			b.mode = inColumnGroup
		case atom.Table:
			b.mode = inTable
		case atom.Body:
			b.mode = inBody
		case atom.Template:
			b.mode = b.templates[len(b.templates)-1]
		case atom.Head:
			b.mode = inHead
		default:
			if i > 0 {
				continue
			}
			b.mode = inBody // the root of a fragment
		}
		return
	}
}

func (b *builder) startInCaption(t *tag) bool {
	switch t.atom {
	case atom.Caption, atom.Col, atom.Colgroup, atom.Tbody, atom.Td, atom.Tfoot, atom.Thead, atom.Tr:
		if b.popTableScope(atom.Caption) {
			b.closeScope(inTable)
			return false
		}
		return true
	}
	return b.startInBody(t)
}

func (b *builder) endInCaption(t *tag) bool {
	switch t.atom {
	case atom.Caption, atom.Table:
		if b.popTableScope(atom.Caption) {
			b.closeScope(inTable)
			return t.atom == atom.Caption
		}
		return true
	case atom.Body, atom.Col, atom.Colgroup, atom.Html, atom.Tbody, atom.Td, atom.Tfoot, atom.Th, atom.Thead, atom.Tr:
		return true
	}
	return b.endInBody(t)
}

func (b *builder) startInColumnGroup(t *tag) bool {
	switch t.atom {
	case atom.Html:
		return b.startInBody(t)
	case atom.Col:
		b.insertVoid(t)
		return true
	case atom.Template:
		b.stop = true
		return true
	}
	return b.leaveColumnGroup()
}

func (b *builder) leaveColumnGroup() bool {
	if b.top().DataAtom != atom.Colgroup {
		return true
	}
	b.pop()
	b.mode = inTable
	return false
}

func (b *builder) endInColumnGroup(t *tag) bool {
	switch t.atom {
	case atom.Colgroup:
		b.leaveColumnGroup()
		return true
	case atom.Col:
		return true
	case atom.Template:
		b.endTemplate()
		return true
	}
	return b.leaveColumnGroup()
}

func (b *builder) startInTableBody(t *tag) bool {
	switch t.atom {
	case atom.Tr:
		b.clearTo(atom.Tbody, atom.Tfoot, atom.Thead)
		b.insert(t)
		b.mode = inRow
		return true
	case atom.Td, atom.Th:
		b.startImplied(atom.Tr)
		return false
	case atom.Caption, atom.Col, atom.Colgroup, atom.Tbody, atom.Tfoot, atom.Thead:
		return b.leaveTableBody()
	}
	return b.startInTable(t)
}

func (b *builder) leaveTableBody() bool {
	if b.popTableScope(atom.Tbody, atom.Thead, atom.Tfoot) {
		b.mode = inTable
		return false
	}
	return true
}

func (b *builder) endInTableBody(t *tag) bool {
	switch t.atom {
	case atom.Tbody, atom.Tfoot, atom.Thead:
		if b.inTableScope(t.atom) >= 0 {
			b.clearTo(atom.Tbody, atom.Tfoot, atom.Thead)
			b.pop()
			b.mode = inTable
		}
		return true
	case atom.Table:
		return b.leaveTableBody()
	case atom.Body, atom.Caption, atom.Col, atom.Colgroup, atom.Html, atom.Td, atom.Th, atom.Tr:
		return true
	}
	return b.endInTable(t)
}

func (b *builder) startInRow(t *tag) bool {
	switch t.atom {
	case atom.Td, atom.Th:
		b.clearTo(atom.Tr)
		b.insert(t)
		b.formats = append(b.formats, nil)
		b.mode = inCell
		return true
	case atom.Caption, atom.Col, atom.Colgroup, atom.Tbody, atom.Tfoot, atom.Thead, atom.Tr:
		return !b.leaveRow()
	}
	return b.startInTable(t)
}

// leaveRow closes the open row, if there is one.
func (b *builder) leaveRow() bool {
	if b.inTableScope(atom.Tr) < 0 {
		return false
	}
	b.clearTo(atom.Tr)
	b.pop()
	b.mode = inTableBody
	return true
}

func (b *builder) endInRow(t *tag) bool {
	switch t.atom {
	case atom.Tr:
		b.leaveRow()
		return true
	case atom.Table:
		return !b.leaveRow()
	case atom.Tbody, atom.Tfoot, atom.Thead:
		return b.inTableScope(t.atom) < 0 || !b.leaveRow()
	case atom.Body, atom.Caption, atom.Col, atom.Colgroup, atom.Html, atom.Td, atom.Th:
		return true
	}
	return b.endInTable(t)
}

func (b *builder) startInCell(t *tag) bool {
	switch t.atom {
	case atom.Caption, atom.Col, atom.Colgroup, atom.Tbody, atom.Td, atom.Tfoot, atom.Th, atom.Thead, atom.Tr:
		if b.popTableScope(atom.Td, atom.Th) {
			b.closeScope(inRow)
			return false
		}
		return true
	}
	return b.startInBody(t)
}

func (b *builder) endInCell(t *tag) bool {
	switch t.atom {
	case atom.Td, atom.Th:
		if b.popTableScope(t.atom) {
			b.closeScope(inRow)
		}
		return true
	case atom.Body, atom.Caption, atom.Col, atom.Colgroup, atom.Html:
		return true
	case atom.Table, atom.Tbody, atom.Tfoot, atom.Thead, atom.Tr:
		if b.inTableScope(t.atom) < 0 {
			return true
		}
		if b.popTableScope(atom.Td, atom.Th) {
			b.clearFormats()
		}
		b.mode = inRow
		return false
	}
	return b.endInBody(t)
}
