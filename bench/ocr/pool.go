package main

import (
	"bytes"
	"context"
	"os"

	"sohoa/ocr/child"
	"sohoa/scan"
)

// pool returns a reader of image files through one child.
func pool(ctx context.Context) (read func(string) (string, error), end func(), err error) {
	p, err := child.New(child.Options{Workers: 1})
	if err != nil {
		return nil, nil, err
	}
	return func(path string) (string, error) {
		page, err := open(path)
		if err != nil {
			return "", err
		}
		words, err := p.Read(ctx, page)
		return words.Text(), err
	}, p.Close, nil
}

// open takes the page out of an image file. The files are our own: they are
// opened in this process.
func open(path string) (scan.Page, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return scan.Page{}, err
	}
	f, err := scan.Open(bytes.NewReader(b), int64(len(b)), scan.Limits{})
	if err != nil {
		return scan.Page{}, err
	}
	return f.Page(0)
}
