package tables

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Description is what is said of a data set beside its tables.
type Description struct {
	Name      string    // of the data set
	License   string    // address; empty: not said
	Program   string    // that wrote it, with its version
	Extractor int       // version of the extraction
	AsOf      time.Time // zero: as at the time of writing
	Newest    time.Time // fetch of the newest page
	Selection string    // empty: everything
	Files     []File
}

// Dictionary is the data dictionary, in Markdown.
func (d Description) Dictionary() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\nPosts of forums, written by %s, extraction %d. ", d.Name, d.Program, d.Extractor)
	if d.AsOf.IsZero() {
		fmt.Fprintf(&b, "The newest page was fetched %s.\n", stamp(d.Newest))
	} else {
		fmt.Fprintf(&b, "As of %s; the newest page was fetched %s.\n", stamp(d.AsOf), stamp(d.Newest))
	}
	if d.Selection != "" {
		fmt.Fprintf(&b, "\nSelected: %s.\n", d.Selection)
	}
	b.WriteString("\n| file | rows | bytes | SHA-256 |\n|---|---:|---:|---|\n")
	for _, f := range d.Files {
		fmt.Fprintf(&b, "| %s | %d | %d | `%s` |\n", f.Name, f.Rows, f.Bytes, f.SHA256)
	}
	b.WriteString(`
A cell is empty (CSV) or null (Parquet) where nothing is known; an empty cell never means "no" or zero. Times are UTC.
Lists are JSON text in CSV. The column "field" names the field of forumine's documents that a column holds.
`)
	for _, f := range d.Files {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n| column | type | field | meaning |\n|---|---|---|---|\n", f.Table.Name, upper(f.Table.Doc))
		for _, c := range f.Table.Columns {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", c.Name, c.Type, c.Source, strings.ReplaceAll(c.Doc, "|", "\\|"))
		}
	}
	return b.Bytes()
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func stamp(t time.Time) string {
	if t.IsZero() {
		return "at a time that is not known"
	}
	return t.UTC().Format("2006-01-02T15:04:05.999999Z07:00")
}

type object = map[string]any

// Croissant is the metadata of the data set as JSON-LD, in the Croissant format
// 1.0 of MLCommons (https://docs.mlcommons.org/croissant/docs/croissant-spec-1.0.html).
func (d Description) Croissant() ([]byte, error) {
	var files, sets []object
	for _, f := range d.Files {
		media := "text/csv"
		if strings.HasSuffix(f.Name, ".parquet") {
			media = "application/x-parquet"
		}
		files = append(files, object{
			"@type": "cr:FileObject", "@id": f.Name, "name": f.Name, "description": f.Table.Doc, "contentUrl": f.Name,
			"encodingFormat": media, "contentSize": fmt.Sprintf("%d B", f.Bytes), "sha256": f.SHA256,
		})
		sets = append(sets, recordSet(f))
	}
	doc := object{
		"@context": croissantContext(), "@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.0",
		"name": d.Name, "description": d.description(), "distribution": files, "recordSet": sets,
	}
	if !d.Newest.IsZero() {
		doc["datePublished"] = d.published().Format(time.DateOnly)
	}
	if d.License != "" {
		doc["license"] = d.License
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("writing the metadata: %w", err)
	}
	return b.Bytes(), nil
}

// published is the day that the data is of: the clock of the machine that writes
// it says nothing about it.
func (d Description) published() time.Time {
	if !d.AsOf.IsZero() {
		return d.AsOf.UTC()
	}
	return d.Newest.UTC()
}

func (d Description) description() string {
	s := fmt.Sprintf("Posts, threads, authors and quotes of forums, read by %s, extraction %d.", d.Program, d.Extractor)
	if !d.AsOf.IsZero() {
		s += " As of " + stamp(d.AsOf) + "."
	}
	if d.Selection != "" {
		s += " Selected: " + d.Selection + "."
	}
	return s
}

func recordSet(f File) object {
	fields := make([]object, 0, len(f.Table.Columns))
	for _, c := range f.Table.Columns {
		field := object{
			"@type": "cr:Field", "@id": f.Table.Name + "/" + c.Name, "name": c.Name, "description": c.Doc, "dataType": croissantType(c.Type),
			"source": object{"fileObject": object{"@id": f.Name}, "extract": object{"column": c.Name}},
		}
		if c.Type == Strings && strings.HasSuffix(f.Name, ".parquet") {
			field["repeated"] = true
		}
		fields = append(fields, field)
	}
	set := object{"@type": "cr:RecordSet", "@id": f.Table.Name, "name": f.Table.Name, "description": f.Table.Doc, "field": fields}
	if f.Table.Name == "quotes" {
		set["key"] = []object{{"@id": "quotes/post_key"}, {"@id": "quotes/ordinal"}}
	} else {
		set["key"] = object{"@id": f.Table.Name + "/" + f.Table.Key}
	}
	return set
}

func croissantType(t Type) string {
	switch t {
	case Int:
		return "sc:Integer"
	case Float:
		return "sc:Float"
	case Bool:
		return "sc:Boolean"
	case Time:
		return "sc:DateTime"
	}
	return "sc:Text"
}

// croissantContext is the context that the format prescribes.
func croissantContext() object {
	typed := func(id, typ string) object { return object{"@id": id, "@type": typ} }
	c := object{
		"@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/",
		"rai": "http://mlcommons.org/croissant/RAI/", "dct": "http://purl.org/dc/terms/", "conformsTo": "dct:conformsTo",
		"citeAs": "cr:citeAs", "data": typed("cr:data", "@json"), "dataType": typed("cr:dataType", "@vocab"),
		"examples": typed("cr:examples", "@json"), "recordSet": "cr:recordSet", "field": "cr:field", "fileProperty": "cr:fileProperty",
		"fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset",
		"key": "cr:key", "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path", "references": "cr:references",
		"regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace", "separator": "cr:separator", "source": "cr:source",
		"subField": "cr:subField", "transform": "cr:transform", "column": "cr:column", "extract": "cr:extract", "format": "cr:format",
		"jsonPath": "cr:jsonPath", "equivalentProperty": "cr:equivalentProperty", "samplingRate": "cr:samplingRate",
	}
	return c
}
