package tables

import (
	"fmt"
	"io"
	"reflect"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// rowGroup is how many rows are held before they are written: a group stands in
// memory whole.
const rowGroup = 5000

// parquetWriter writes a table whose schema is that of its columns: every column
// optional, whatever the data holds.
type parquetWriter struct {
	w     *parquet.GenericWriter[any]
	row   reflect.Type
	types []Type
	n     int
}

func newParquet(w io.Writer, t Table) (rowWriter, error) {
	p := &parquetWriter{row: rowType(t)}
	for _, c := range t.Columns {
		p.types = append(p.types, c.Type)
	}
	schema := parquet.NewSchema(t.Name, parquet.SchemaOf(reflect.New(p.row).Interface()))
	p.w = parquet.NewGenericWriter[any](w, schema, parquet.Compression(&zstd.Codec{Concurrency: 1}),
		parquet.CreatedBy("forumine", "1", ""), parquet.WriteBufferSize(1<<16))
	return p, nil
}

// rowType is a struct with a field for each column, in their order.
func rowType(t Table) reflect.Type {
	fields := make([]reflect.StructField, len(t.Columns))
	for i, c := range t.Columns {
		tag := c.Name + ",optional"
		switch c.Type {
		case Time:
			tag += ",timestamp(microsecond)"
		case Strings:
			tag += ",list"
		}
		fields[i] = reflect.StructField{Name: fmt.Sprintf("Column%d", i), Type: goType(c.Type), Tag: reflect.StructTag(`parquet:"` + tag + `"`)}
	}
	return reflect.StructOf(fields)
}

func goType(t Type) reflect.Type {
	switch t {
	case Int, Time:
		return reflect.TypeFor[*int64]()
	case Float:
		return reflect.TypeFor[*float64]()
	case Bool:
		return reflect.TypeFor[*bool]()
	case Strings:
		return reflect.TypeFor[[]string]()
	}
	return reflect.TypeFor[*string]()
}

func (p *parquetWriter) write(row []any) error {
	v := reflect.New(p.row)
	for i, value := range row {
		if value == nil {
			continue
		}
		f := v.Elem().Field(i)
		if at, ok := value.(time.Time); ok {
			value = at.UnixMicro()
		}
		if p.types[i] == Strings {
			f.Set(reflect.ValueOf(value))
			continue
		}
		f.Set(reflect.New(f.Type().Elem()))
		f.Elem().Set(reflect.ValueOf(value))
	}
	if _, err := p.w.Write([]any{v.Interface()}); err != nil {
		return err
	}
	if p.n++; p.n%rowGroup == 0 {
		return p.w.Flush()
	}
	return nil
}

func (p *parquetWriter) close() error { return p.w.Close() }
