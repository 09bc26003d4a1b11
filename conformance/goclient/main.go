// Command goclient takes one journey with the client that oapi-codegen writes from
// docs/api.json: a program comes in with its key, opens a dossier, brings a scan, waits for
// its job, reads words and fields, searches, and takes a file.
//
//	goclient BASE KEY PROCEDURE COMPETENT SLOT SCAN WORDS
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"time"

	"sohoa/conformance/goclient/client"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "goclient:", err)
		os.Exit(1)
	}
}

// A journey is what came of it.
type journey struct {
	Role, State            string
	Words, Fields          int
	Found, Bytes, Refusals int
}

func run(ctx context.Context, arg []string) error {
	base, key, procedure, competent, slot, scan, sought := arg[0], arg[1], arg[2], arg[3], arg[4], arg[5], arg[6]
	c, err := client.NewClientWithResponses(base, client.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Accept-Language", "en")
		return nil
	}))
	if err != nil {
		return err
	}
	var out journey
	me, err := c.MeWithResponse(ctx)
	if err != nil || me.JSON200 == nil {
		return fmt.Errorf("me: %v %s", err, me.Body)
	}
	out.Role = string(me.JSON200.Role)
	opened, err := c.OpenDossierWithResponse(ctx, &client.OpenDossierParams{}, client.NewDossier{Procedure: procedure, Competent: competent, Holder: client.NewHolder{Number: new("008199012399"), Name: new("Nguyễn Văn Thử")}})
	if err != nil || opened.JSON201 == nil {
		return fmt.Errorf("open: %v %s", err, opened.Body)
	}
	job, err := bring(ctx, c, opened.JSON201.Code, slot, scan)
	if err != nil {
		return err
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(250 * time.Millisecond) {
		now, err := c.GetJobWithResponse(ctx, job.Id)
		if err != nil || now.JSON200 == nil || time.Now().After(end) {
			return fmt.Errorf("job: %v %s", err, now.Body)
		}
		if out.State = string(now.JSON200.State); now.JSON200.Status != "running" {
			break
		}
	}
	words, err := c.GetWordsWithResponse(ctx, job.Document, "hocr")
	if err != nil || words.HTTPResponse.StatusCode != http.StatusOK {
		return fmt.Errorf("words: %v", err)
	}
	out.Words = len(words.Body)
	paper, err := c.GetDocumentWithResponse(ctx, job.Document, &client.GetDocumentParams{})
	if err != nil || paper.JSON200 == nil {
		return fmt.Errorf("document: %v", err)
	}
	out.Fields = len(paper.JSON200.Proposals) + len(paper.JSON200.Fields)
	return rest(ctx, c, sought, &out)
}

// rest searches, takes a file of what was found, and asks for what is not there.
func rest(ctx context.Context, c *client.ClientWithResponses, sought string, out *journey) error {
	found, err := c.SearchWithResponse(ctx, &client.SearchParams{}, client.Search{Q: new(sought)})
	if err != nil || found.JSON200 == nil || len(found.JSON200.Papers) == 0 {
		return fmt.Errorf("search: %v %s", err, found.Body)
	}
	out.Found = len(found.JSON200.Papers)
	file, err := c.GetPartWithResponse(ctx, string(found.JSON200.Papers[0].Document), "sealed")
	if err != nil || file.HTTPResponse.StatusCode != http.StatusOK || !bytes.HasPrefix(file.Body, []byte("%PDF")) {
		return fmt.Errorf("file: %v", err)
	}
	out.Bytes = len(file.Body)
	none, err := c.GetJobWithResponse(ctx, "00000000-0000-0000-0000-000000000000")
	if err != nil || none.ApplicationproblemJSONDefault == nil || none.ApplicationproblemJSONDefault.Code != "not-found" {
		return fmt.Errorf("what is not there: %v %s", err, none.Body)
	}
	out.Refusals++
	return json.NewEncoder(os.Stdout).Encode(out)
}

func bring(ctx context.Context, c *client.ClientWithResponses, code, slot, scan string) (*client.Job, error) {
	b, err := os.ReadFile(scan)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "don.png")
	if err == nil {
		_, err = part.Write(b)
	}
	if err != nil {
		return nil, err
	}
	if err := form.Close(); err != nil {
		return nil, err
	}
	brought, err := c.BringDocumentWithBodyWithResponse(ctx, code, slot, &client.BringDocumentParams{}, form.FormDataContentType(), &body)
	if err != nil || brought.JSON202 == nil {
		return nil, fmt.Errorf("bring: %v %s", err, brought.Body)
	}
	return brought.JSON202, nil
}
