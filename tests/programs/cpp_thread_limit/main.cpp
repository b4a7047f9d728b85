#include <future>
#include <iostream>
#include <system_error>
#include <thread>
#include <vector>

int main()
{
    std::promise<void> release;
    std::shared_future<void> released = release.get_future().share();
    std::vector<std::thread> threads;
    try {
        while (threads.size() < 100)
            threads.emplace_back([released] { released.wait(); });
        std::cout << "unlimited\n";
    } catch (const std::system_error &error) {
        bool again = error.code() == std::errc::resource_unavailable_try_again;
        std::cout << (threads.size() >= 1 && threads.size() < 16) << ' ' << again << '\n';
    }
    release.set_value();
    for (auto &thread : threads)
        thread.join();
}
