package dev.millrace.lab.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.lab.Laboratory;
import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What a model says of files, on the shipped models and photos. */
class TryCommandTest {
    private static final String PHOTOS = "src/main/resources/dev/millrace/verify/photos/";
    private static final String WREN = PHOTOS + "exact-416x416-wren.png";

    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("engine", "try"));
        all.addAll(List.of(arguments));
        CommandLine commands = Laboratory.commands();
        commands.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commands.execute(all.toArray(String[]::new));
    }

    @Test
    void aTableAndAPictureSayWhatIsThere() throws Exception {
        Path drawn = folder.resolve("drawn");
        assertEquals(
                0, run("engines/objects", WREN, "--pictures", drawn.toString()), err::toString);
        assertTrue(out.toString().contains("bird 0."), out::toString);
        BufferedImage before = ImageIO.read(Path.of(WREN).toFile());
        BufferedImage picture =
                ImageIO.read(drawn.resolve("exact-416x416-wren.png.verdict.png").toFile());
        assertEquals(416, picture.getWidth());
        assertTrue(picture.getHeight() > 416);
        // The corner is the photo's, and its box is drawn where the bird is.
        assertEquals(before.getRGB(5, 5) & 0xffffff, picture.getRGB(5, 5) & 0xffffff);
        boolean changed = false;
        for (int x = 60; x < 180; x++) {
            changed |= (before.getRGB(x, 98) & 0xffffff) != (picture.getRGB(x, 98) & 0xffffff);
        }
        assertTrue(changed);
    }

    @Test
    void theWholeResultIsALineOfJson() throws Exception {
        assertEquals(0, run("engines/objects", WREN, "--json"), err::toString);
        JsonNode line = new ObjectMapper().readTree(out.toString());
        assertEquals("bird", line.at("/result/label").asText());
        assertEquals(4, line.at("/result/detections/0/box").size());
    }

    @Test
    void whatCannotBeReadIsSaidAndTheRestGoesOn() throws Exception {
        Path text = Files.writeString(folder.resolve("a.jpg"), "no image");
        assertEquals(1, run("engines/objects", text.toString(), WREN));
        List<String> lines = out.toString().lines().toList();
        assertEquals(2, lines.size(), out::toString);
        assertTrue(lines.get(0).startsWith("a.jpg "), out::toString);
        assertTrue(lines.get(1).contains("bird"), out::toString);
    }

    @Test
    void mistakesAreOneLine() throws Exception {
        assertEquals(2, run("engines/objects", folder.resolve("none.jpg").toString()));
        assertTrue(err.toString().contains("none.jpg' does not exist"), err::toString);
        assertEquals(2, run("engines/objects", folder.toString()));
        assertTrue(err.toString().contains("there are no images"), err::toString);
        assertNotEquals(0, run("engines/objects"));
        assertEquals(2, run(folder.toString(), WREN));
        assertTrue(err.toString().contains("model.yaml: missing"), err::toString);
    }
}
