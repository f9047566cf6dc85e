package dev.millrace.nativelib;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mounts that forbid to execute, and full ones, are in {@code StartsIT}. */
class NativeFolderTest {
    @TempDir private Path folder;

    @Test
    void theFirstFolderThatWillDoIsTaken() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        Path good = folder.resolve("good");
        assertEquals(good, NativeFolder.choose(List.of(file, good, folder.resolve("later"))));
        assertEquals("rwx------", PosixFilePermissions.toString(permissions(good)));
        try (var left = Files.list(good)) {
            assertEquals(0, left.count(), "what was tried is removed");
        }
    }

    private static Set<PosixFilePermission> permissions(Path file) throws IOException {
        return Files.getPosixFilePermissions(file);
    }

    @Test
    void aFolderThatOthersMayWriteToIsRefusedWithOneLine() throws IOException {
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder);
        String said =
                assertThrows(
                                UnloadableLibraryException.class,
                                () -> NativeFolder.choose(List.of(shared, link)))
                        .getMessage();
        assertEquals(1, said.lines().count(), said);
        assertTrue(said.contains(shared + " may be written by other users"), said);
        assertTrue(said.contains(link + " "), said);
        assertTrue(said.contains(NativeFolder.VARIABLE), said);
    }

    @Test
    void theCacheGoesFirstAndSharedFoldersHaveTheUsersNumber() {
        assertEquals(
                List.of(
                        Path.of("/cache/native"),
                        Path.of("/configured/native"),
                        Path.of("/t/millrace-native-7"),
                        Path.of("/home/x/.cache/millrace/native"),
                        Path.of("/var/tmp/millrace-native-7")),
                NativeFolder.candidates(
                        Map.of("MILLRACE_CACHE", "/cache"),
                        "/home/x",
                        "/t",
                        7,
                        Optional.of(Path.of("/configured"))));
    }

    @Test
    void librariesAreUnpackedOnceAndADamagedOneAgain() throws IOException {
        URL first = jar("one.so", "first");
        Path unpacked = unpack(first);
        Path file = unpacked.resolve("one.so");
        FileTime old = FileTime.from(Instant.now().minus(Duration.ofMinutes(5)));
        Files.setLastModifiedTime(file, old);
        assertEquals(unpacked, unpack(first));
        assertEquals(old.toMillis(), Files.getLastModifiedTime(file).toMillis(), "as it was");

        Files.writeString(file, "fir5t");
        unpack(first);
        assertEquals("first", Files.readString(file));
    }

    @Test
    void whatOthersLeftIsRemovedWhenNobodyCanNeedIt() throws IOException {
        Path other = unpack(jar("one.so", "other"));
        Path abandoned = Files.createFile(folder.resolve("a" + Unpacked.UNFINISHED));
        Path now = Files.createFile(folder.resolve("b" + Unpacked.UNFINISHED));
        age(abandoned, Duration.ofHours(2));
        Path current = unpack(jar("one.so", "current"));
        assertTrue(Files.exists(other), "it may be loading");
        assertTrue(Files.exists(now), "it may be being written");
        assertTrue(Files.notExists(abandoned));

        age(other, Duration.ofDays(3));
        assertEquals(current, unpack(jar("one.so", "current")));
        assertTrue(Files.notExists(other));
    }

    private static void age(Path file, Duration age) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    }

    private Path unpack(URL library) throws IOException {
        return new Unpacked(folder, "library").all(List.of(library));
    }

    private URL jar(String name, String content) throws IOException {
        Path file = folder.resolve(content + ".jar");
        try (ZipOutputStream jar = new ZipOutputStream(Files.newOutputStream(file))) {
            jar.putNextEntry(new ZipEntry(name));
            jar.write(content.getBytes(StandardCharsets.UTF_8));
            jar.closeEntry();
        }
        return URI.create("jar:" + file.toUri() + "!/" + name).toURL();
    }
}
