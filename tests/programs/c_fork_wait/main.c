#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int ends[2], status;
    char text[8] = "";
    if (pipe(ends))
        return 1;
    pid_t child = fork();
    if (child == 0) {
        write(ends[1], "hello", 5);
        _exit(7);
    }
    waitpid(child, &status, 0);
    read(ends[0], text, 5);
    printf("%s %d\n", text, WEXITSTATUS(status));
    return 0;
}
