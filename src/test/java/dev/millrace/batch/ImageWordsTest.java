package dev.millrace.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The images that words, files and folders stand for, and the one line where they stand for none.
 */
class ImageWordsTest {
    private static final BucketLists BUCKETS = new BucketLists(Optional.empty(), Optional.empty());

    @TempDir private Path folder;

    private List<String> images(Columns columns, String... words) throws Exception {
        List<String> all = new ArrayList<>();
        new ImageWords(Optional.of("http://h/p/"), columns, BUCKETS)
                .each(
                        List.of(words),
                        image ->
                                all.add(
                                        image.url()
                                                + image.id().map(id -> " id=" + id).orElse("")
                                                + image.metadata().map(m -> " " + m).orElse("")));
        return all;
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private void assertRefused(String line, Columns columns, String word) {
        ConfigException mistake =
                assertThrows(ConfigException.class, () -> images(columns, word), line);
        assertEquals(line, mistake.getMessage().replace(folder + "/", ""));
    }

    @Test
    void aTextFileAndWordsAndAFolderWithFolders() throws Exception {
        String list = file("list.txt", "# some\n\nhttp://a/1 \r\n  s3://photos/a b.jpg\n");
        Path sub = Files.createDirectories(folder.resolve("all/sub dir"));
        Files.write(sub.resolve("a+b#.JPG"), new byte[1]);
        Files.write(sub.resolve("notes.txt"), new byte[1]);
        assertEquals(
                List.of(
                        "https://x/y",
                        "http://a/1",
                        "s3://photos/a b.jpg",
                        "http://h/p/sub%20dir/a%2Bb%23.JPG"),
                images(Columns.GUESSED, "https://x/y", list, folder.resolve("all").toString()));
    }

    @Test
    void jsonLines() throws Exception {
        String list =
                file(
                        "list.jsonl",
                        "{\"url\":\"http://a/1\",\"id\":\"x\",\"metadata\":{\"n\":[1, 2.50]}}\n"
                                + "{\"url\":\"http://a/2\",\"more\":true}\nhttp://a/3\n");
        assertEquals(
                List.of("http://a/1 id=x {\"n\":[1, 2.50]}", "http://a/2", "http://a/3"),
                images(Columns.GUESSED, list));
        assertRefused(
                "IMAGE: line 1 of 'bad': it is not JSON; write it like {\"url\": \"https://…\"}",
                Columns.GUESSED,
                file("bad", "{\"url\":\n"));
        assertRefused(
                "IMAGE: line 1 of 'bad': id is no string; write it like {\"url\": \"https://…\", \"id\": \"a1\", \"metadata\": {}}",
                Columns.GUESSED,
                file("bad", "{\"url\":\"http://a/1\",\"id\":7}\n"));
    }

    @Test
    void tablesAsSpreadsheetsWriteThem() throws Exception {
        String table =
                file(
                        "list.csv",
                        "\uFEFFname,URL,id,note\r\n\"a, \"\"b\"\"\",http://a/1,7,\"two\nlines\"\r\n\r\nc,http://a/2,,d\r\n");
        assertEquals(List.of("http://a/1 id=7", "http://a/2"), images(Columns.GUESSED, table));
        assertEquals(
                List.of(
                        "http://a/1 id=7 {\"name\":\"a, \\\"b\\\"\",\"note\":\"two\\nlines\"}",
                        "http://a/2 {\"name\":\"c\",\"note\":\"d\"}"),
                images(new Columns(Optional.of("url"), List.of("name", "note")), table));
        assertRefused(
                "IMAGE: line 1 of 'list.csv': no column is called 'photo' (there are name, URL, id, note); name the one with the URLs with --url-column",
                new Columns(Optional.of("photo"), List.of()),
                table);
        assertRefused(
                "IMAGE: line 1 of 'list.csv': no column is called 'x' (there are name, URL, id, note); correct --metadata-columns",
                new Columns(Optional.empty(), List.of("x")),
                table);
        assertRefused(
                "IMAGE: line 1 of 'no.csv': no column is called like one of URLs, such as url (there are a, b); name the one with the URLs with --url-column",
                Columns.GUESSED,
                file("no.csv", "a,b\n1,2\n"));
        assertRefused(
                "IMAGE: line 3 of 'row.csv': it has 1 columns, and the first line has 2; give each row as many",
                Columns.GUESSED,
                file("row.csv", "url,b\nhttp://a/1,2\nhttp://a/2\n"));
        assertRefused(
                "IMAGE: line 2 of 'open.csv': a quotation mark is not closed; close it",
                Columns.GUESSED,
                file("open.csv", "url\n\"http://a/1\nhttp://a/2\n"));
        assertRefused(
                "IMAGE: line 2 of 'url.csv': 'cat.jpg' is not a URL; write it like https://images.example.com/cat.jpg",
                Columns.GUESSED,
                file("url.csv", "url\ncat.jpg\n"));
    }

    @Test
    void whatNamesNoImage() throws Exception {
        assertRefused(
                "IMAGE: 'empty.csv' names no image; give a folder with images, or a file with URLs",
                Columns.GUESSED,
                file("empty.csv", ""));
        Files.write(
                folder.resolve("late.txt"),
                "http://a/1\n".repeat(2000).getBytes(StandardCharsets.UTF_8));
        Path late = folder.resolve("late.txt");
        Files.write(late, new byte[] {(byte) 0xFF}, java.nio.file.StandardOpenOption.APPEND);
        assertRefused(
                "IMAGE: 'late.txt' is not a text file of URLs; to send the images of a folder, give the folder, and --base-url for where it is served",
                Columns.GUESSED,
                late.toString());
        assertRefused(
                "IMAGE: 's3://B/x/': 'B' is no name of a bucket; write s3://bucket/prefix",
                Columns.GUESSED,
                "s3://B/x/");
    }
}
