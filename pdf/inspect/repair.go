package inspect

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"sohoa/jail"
	"sohoa/pdf/finding"
	"sohoa/scan"
)

// repair has a damaged file mended into the file of its own that is given for
// that, and believes it only if that can be proved: nothing is missing of what
// came (complete), and what was made is the same (sameAs). Else the file is
// refused with why it was damaged and what the mending is short of.
func (f *File) repair(b []byte, why error) error {
	found := sift(b)
	if found.signs() {
		return signed("what is left of one in a damaged file")
	}
	mended, err := f.mend(b, found)
	var short *jail.Refusal
	if errors.As(err, &short) {
		emptied(f.o.Work)
		if short.Code != scan.CodeDamaged {
			return short
		}
		return notProved(why, short)
	} else if err != nil {
		return err
	}
	mended.found = append(mended.found, finding.New(finding.Mended, 0, 1))
	mended.found = append(mended.found, around(b)...)
	mended.Working = "repaired"
	*f = *mended
	return nil
}

// mend returns the mended file, proved to be all that the broken one was.
func (f *File) mend(b []byte, found rubble) (*File, error) {
	count, spare, err := found.complete(b)
	if err != nil {
		return nil, err
	}
	if err := f.rewrite(b, found); err != nil {
		return nil, err
	}
	mended := &File{path: f.o.Work, o: f.o, l: f.l}
	if err := mended.load(); err != nil {
		return nil, err
	}
	if count != len(mended.plans) {
		return nil, unproved("it had %d pages, of which %d are left", count, len(mended.plans))
	}
	if spare > 0 {
		mended.found = append(mended.found, finding.New(finding.LostObject, 0, spare))
	}
	return mended, f.sameAs(mended)
}

// rewrite has qpdf write the file anew. Of one whose trailer is lost a copy gets
// another, which names the one catalogue that is there.
func (f *File) rewrite(b []byte, found rubble) error {
	_, err := f.qpdf(nil, true)
	if err == nil || errors.Is(err, exec.ErrNotFound) {
		return err
	}
	file, err := os.CreateTemp("", "rubble-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(b)
	if err == nil {
		_, err = fmt.Fprintf(file, "\ntrailer\n<</Size %d/Root %d 0 R>>\nstartxref\n0\n%%%%EOF\n", slices.Max(slices.Collect(maps.Keys(found.stones)))+1, found.catalogue())
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	other := *f
	other.path = file.Name()
	if _, err := other.qpdf(nil, true); err != nil {
		return unproved("its objects cannot be put in order")
	}
	return nil
}

// notProved says why the file is damaged and what the mending is short of.
func notProved(why error, short *jail.Refusal) error {
	var r *jail.Refusal
	if !errors.As(why, &r) {
		return why
	}
	text, _, _ := strings.Cut(r.Text, "; ")
	lack, _, _ := strings.Cut(short.Text, "; ")
	return damaged(r.Page, text+", and it cannot be mended without loss: "+lack)
}

// unproved is what a mending is short of.
func unproved(format string, args ...any) *jail.Refusal {
	return &jail.Refusal{Code: scan.CodeDamaged, Text: fmt.Sprintf(format, args...)}
}

// complete wants nothing to be missing of what pages need: one catalogue, the
// page tree, and every object that can be reached from there, whole; and no
// change behind the end of the file that broke off. It returns how many pages
// the tree claims, and how many objects are lost that no page needs.
func (r rubble) complete(b []byte) (count, spare int, err error) {
	if end := bytes.LastIndex(b, []byte("%%EOF")); end >= 0 && r.last > end {
		return 0, 0, unproved("a change was being saved when it broke off")
	}
	root, count := r.tree()
	if root == 0 {
		return 0, 0, unproved("its list of pages is lost")
	}
	seen := map[int]bool{}
	if lost := r.reach(root, seen); len(lost) > 0 {
		return 0, 0, unproved("objects that its pages need are lost or cut short: %d of them, the first is %d", len(lost), slices.Min(lost))
	}
	for n := range r.stones {
		if !seen[n] {
			spare += len(r.reach(n, seen))
		}
	}
	return count, spare, nil
}

// sameAs compares the pages of the broken file with the mended ones, as poppler
// reads both.
func (f *File) sameAs(mended *File) error {
	texts, ok := saidBy(f.onDisk())
	again, fine := saidBy(mended.path)
	if !fine || len(again) != len(mended.plans) {
		return unproved("what was mended cannot be read")
	}
	if !ok || len(texts) < len(again) {
		return nil // it cannot be read as it came: there is nothing to compare with
	}
	if len(texts) > len(again) {
		return unproved("it shows %d pages, of which %d are left", len(texts), len(again))
	}
	for i := range again {
		if texts[i] != again[i] {
			return unproved("page %d says something else", i+1)
		}
		before, err := lookOf(f.onDisk(), i)
		after, bad := lookOf(mended.path, i)
		if err == nil && (bad != nil || !alike(before, after)) {
			return unproved("page %d looks otherwise", i+1)
		}
	}
	return nil
}

// saidBy returns what pdftotext says of each page of a file.
func saidBy(path string) (pages []string, ok bool) {
	var out bytes.Buffer
	if err := tool(&atMost{&out, maxTold}, "pdftotext", "-q", path, "-"); err != nil {
		return nil, false
	}
	for p := range bytes.SplitSeq(bytes.TrimSuffix(out.Bytes(), []byte("\f")), []byte("\f")) {
		pages = append(pages, string(p))
	}
	return pages, true
}

// lookOf draws page i, from 0, of a file coarsely.
func lookOf(path string, i int) ([]byte, error) {
	var out bytes.Buffer
	n := strconv.Itoa(i + 1)
	err := tool(&atMost{&out, maxTold}, "pdftoppm", "-q", "-f", n, "-l", n, "-cropbox", "-gray", "-r", strconv.Itoa(proofDPI), path)
	return out.Bytes(), err
}
