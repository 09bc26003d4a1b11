package inspect

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"sohoa/pdf/finding"
)

// Bounds of what is looked at of earlier revisions.
const (
	mostRevisions = 8
	mostLooked    = 40 // pages of each that are drawn as well
)

// revisions tells of earlier states of the file, which are still in it (ISO
// 32000-1 7.5.6), if they say or show something else than the last: one finding
// for all, with the pages of which that is so.
func (f *File) revisions(b []byte) {
	ends := revisionEnds(b)
	if len(ends) == 0 {
		return
	}
	now, ok := saidBy(f.onDisk())
	if !ok {
		return
	}
	other, pages := 0, map[int]bool{}
	for _, end := range ends[max(0, len(ends)-mostRevisions):] {
		differ := f.differs(b[:end], now)
		if len(differ) > 0 {
			other++
		}
		for _, p := range differ {
			pages[p] = true
		}
	}
	if other == 0 {
		return
	}
	told := finding.New(finding.Revision, 0, other)
	told.Detail = numbers(pages, len(now))
	f.found = append(f.found, told)
}

// numbers lists pages up to n in short.
func numbers(pages map[int]bool, n int) string {
	var all []string
	for p := 1; p <= n && len(all) < 20; p++ {
		if pages[p] {
			all = append(all, fmt.Sprint(p))
		}
	}
	if len(all) < len(pages) {
		all = append(all, "...")
	}
	return strings.Join(all, ", ")
}

// revisionEnds returns where each revision but the last ends. The first part of
// a linearized file is no revision (annex F).
func revisionEnds(b []byte) (ends []int) {
	linear := bytes.Contains(b[:min(len(b), 1024)], []byte("/Linearized"))
	for at := 0; ; {
		k := bytes.Index(b[at:], []byte("%%EOF"))
		if k < 0 {
			break
		}
		at += k + 5
		if bytes.Contains(b[max(0, at-64):at], []byte("startxref")) {
			ends = append(ends, at)
		}
	}
	if linear && len(ends) > 0 {
		ends = ends[1:]
	}
	if len(ends) == 0 {
		return nil
	}
	return ends[:len(ends)-1]
}

// differs returns the pages, from 1, of which an earlier state says or shows
// something else than the file does now; pages that one of them lacks differ.
func (f *File) differs(earlier []byte, now []string) (pages []int) {
	file, err := os.CreateTemp("", "earlier-*")
	if err != nil {
		return nil
	}
	defer os.Remove(file.Name())
	_, err = file.Write(earlier)
	if err := file.Close(); err != nil {
		return nil
	}
	then, ok := saidBy(file.Name())
	if err != nil || !ok {
		return nil
	}
	for i := range max(len(now), len(then)) {
		switch {
		case i >= len(now) || i >= len(then):
			pages = append(pages, min(i+1, len(now)))
		case now[i] != then[i]:
			pages = append(pages, i+1)
		case i < mostLooked:
			a, err := lookOf(f.onDisk(), i)
			b, bad := lookOf(file.Name(), i)
			if err == nil && bad == nil && !alike(a, b) {
				pages = append(pages, i+1)
			}
		}
	}
	return pages
}
