package dev.millrace.bundle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The folder of a model. A model is often somebody else's, so that only the folder's own files are
 * read: no name in the model leads out of it, and no link that came with the model does. A link
 * that the user names is followed, since the folder is what it leads to.
 */
public final class ModelFolder {
    /** More than the labels of any model and the files that describe one need. */
    public static final int MAX_TEXT_BYTES = 16 << 20;

    private static final Pattern NOT_PLAIN = Pattern.compile("[\\p{Cntrl}\\\\]|^/|^$");
    private static final Pattern BLOB = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

    private final Path folder;
    private final Path real;

    private ModelFolder(Path folder, Path real) {
        this.folder = folder;
        this.real = real;
    }

    /**
     * @param folder as the user named it
     * @throws IOException where it does not exist or cannot be read
     */
    public static ModelFolder at(Path folder) throws IOException {
        return new ModelFolder(folder, folder.toRealPath());
    }

    /** The folder that a file is in. */
    public static ModelFolder of(Path file) throws IOException {
        return at(file.toAbsolutePath().getParent());
    }

    /** The path of a file in it, for messages. */
    public Path path(String name) {
        return folder.resolve(name);
    }

    /** The bytes of a file, read through one handle. The errors are those of {@link #open}. */
    public byte[] read(String name, long maxBytes) throws IOException {
        try (FileChannel file = open(name)) {
            return read(file, name, maxBytes);
        }
    }

    /** The text of a file in UTF-8. The errors are those of {@link #open}. */
    public String text(String name) throws IOException {
        byte[] bytes = read(name, MAX_TEXT_BYTES);
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }

    /** The bytes of a file that the user named, wherever a link at its name leads. */
    public static byte[] readNamed(Path file, long maxBytes) throws IOException {
        Path found = file.toRealPath();
        requireFile(found, file.toString());
        try (FileChannel channel = opened(found)) {
            return read(channel, file.toString(), maxBytes);
        }
    }

    private static byte[] read(FileChannel file, String name, long maxBytes) throws IOException {
        if (file.size() > maxBytes) {
            throw new FileSystemException(
                    name, null, "it has more than %,d bytes".formatted(maxBytes));
        }
        ByteBuffer content = ByteBuffer.allocate((int) file.size());
        while (content.hasRemaining()) {
            if (file.read(content) < 0) {
                throw new FileSystemException(name, null, "it became shorter");
            }
        }
        return content.array();
    }

    /**
     * Opens a regular file of the folder for reading.
     *
     * @param name relative to the folder, with {@code /} between its parts
     * @throws NoSuchFileException where there is none
     * @throws FileSystemException whose reason says why the file is not one of the folder
     */
    public FileChannel open(String name) throws IOException {
        Path found = folder.resolve(plain(name)).toRealPath();
        if (!found.startsWith(real) && !isBlob(found)) {
            throw new FileSystemException(
                    shown(name), null, "it is a link out of the folder; put the file itself there");
        }
        requireFile(found, name);
        return opened(found);
    }

    /** What is read cannot become a link between the check and the opening. */
    private static FileChannel opened(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    }

    /** A device or a pipe may never end. */
    private static void requireFile(Path file, String name) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(shown(name), null, "it is no regular file");
        }
    }

    /**
     * A name from a model as a path inside its folder.
     *
     * @throws FileSystemException where it is absolute, climbs or is no name
     */
    public static Path plain(String name) throws FileSystemException {
        try {
            Path path = Path.of(name).normalize();
            boolean climbs = List.of(name.split("/")).contains("..");
            if (!NOT_PLAIN.matcher(name).find() && !climbs && !path.toString().isEmpty()) {
                return path;
            }
        } catch (InvalidPathException e) {
            // It is no name of a file either.
        }
        throw new FileSystemException(
                shown(name), null, "it is no plain name of a file in the folder");
    }

    /** Why a file could not be read, as part of a line. */
    public static String reason(IOException e) {
        return e instanceof FileSystemException named && named.getReason() != null
                ? named.getReason()
                : e.toString();
    }

    /** The same in brackets where there is more to say than that the file is not there. */
    public static String because(IOException e) {
        return e instanceof FileSystemException named && named.getReason() != null
                ? " (" + named.getReason() + ")"
                : "";
    }

    /** A name of somebody else's, without what would do something to a terminal. */
    public static String shown(String name) {
        return name.replaceAll("\\p{Cntrl}", "?");
    }

    /**
     * Hugging Face's cache holds {@code snapshots/<revision>} with links to {@code blobs/<hash>} of
     * the same repository.
     */
    private boolean isBlob(Path file) {
        if (!BLOB.matcher(file.getFileName().toString()).matches()) {
            return false;
        }
        for (Path at = real; at.getNameCount() > 2; at = at.getParent()) {
            if (at.getParent().endsWith("snapshots")) {
                Path repository = at.getParent().getParent();
                return repository.resolve("blobs").equals(file.getParent());
            }
        }
        return false;
    }
}
