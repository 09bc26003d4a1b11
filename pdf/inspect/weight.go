package inspect

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"math"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/filter"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// limitsOf puts our limits into pdfcpu's, which has them by other names.
func (f *File) limitsOf() model.ResourceLimits {
	r := model.DefaultResourceLimits()
	r.MaxStreamBytes, r.MaxDecodeBytes = f.l.Bytes, f.l.Expand
	r.MaxObjectCount, r.MaxXRefEntries = f.l.Objects, f.l.Objects
	r.MaxObjectStreamCount = min(r.MaxObjectStreamCount, f.l.Objects)
	r.MaxRecursionDepth = max(r.MaxRecursionDepth, f.l.Depth+36) // where it stops it may mend instead: what is too deep must be seen by us
	return r
}

// overLimit says by which of our limits pdfcpu stopped, or nil.
func (f *File) overLimit(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, filter.ErrDecodeLimitExceeded):
		return f.l.CheckExpand(math.MaxInt64, 0)
	case errors.Is(err, model.ErrMaxRecursionDepthExceeded):
		return f.l.CheckDepth(math.MaxInt)
	}
	for _, sign := range []string{`"Size" `, "xref entry count", "object stream N", "object count"} {
		if said := err.Error(); strings.Contains(said, sign) && strings.Contains(said, "exceeds limit") {
			return f.l.CheckObjects(math.MaxInt)
		}
	}
	return nil
}

// most is how many bytes a filter makes of one at the very most (zlib's format
// allows 1032; LZW codes of 9 to 12 bits stand for up to 3838 bytes).
var most = map[string]float64{filter.Flate: 1032, filter.LZW: 2560, filter.RunLength: 64, filter.ASCII85: 4, filter.ASCIIHex: 1}

// weigh refuses a file whose streams become more than the limits allow. What
// cannot become so much, however it is made, is not looked into; pictures are
// bounded by their pixels.
func (f *File) weigh() error {
	if err := f.l.CheckObjects(len(f.ctx.Table)); err != nil {
		return err
	}
	var heavy []types.StreamDict
	possible := 0.0
	for _, entry := range f.ctx.Table {
		if entry == nil || entry.Free {
			continue
		}
		sd, ok := entry.Object.(types.StreamDict)
		if !ok || f.name(plainKeys(sd.Dict), "Subtype") == "Image" {
			continue
		}
		bound := float64(len(sd.Raw))
		for _, p := range sd.FilterPipeline {
			bound *= max(1, most[p.Name])
		}
		if possible += bound; bound > float64(f.l.Expand) || possible > float64(f.l.ExpandAll) {
			heavy = append(heavy, sd)
			possible -= bound
		}
	}
	all := int64(possible)
	for _, sd := range heavy {
		n := f.weightOf(sd)
		all += n
		if err := f.l.CheckExpand(n, all); err != nil {
			return err
		}
	}
	return nil
}

// weightOf returns how many bytes a stream becomes, counted no further than just
// over the limit. What is broken weighs what came out of it.
func (f *File) weightOf(sd types.StreamDict) int64 {
	var r io.Reader = bytes.NewReader(sd.Raw)
	for _, p := range sd.FilterPipeline {
		if p.Name != filter.Flate {
			// The others are few and bounded by pdfcpu while it decodes.
			sd.Content = nil
			err := sd.DecodeWithLimit(f.l.Expand)
			if errors.Is(err, filter.ErrDecodeLimitExceeded) {
				return f.l.Expand + 1
			}
			return int64(len(sd.Content))
		}
		z, err := zlib.NewReader(r)
		if err != nil {
			return 0
		}
		r = z
	}
	n, _ := io.Copy(io.Discard, io.LimitReader(r, f.l.Expand+1))
	return n
}
